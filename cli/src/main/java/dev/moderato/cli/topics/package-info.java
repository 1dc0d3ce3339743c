/** Receives a cluster and what its topics should be; hands on what differed and what was done about it. */
@NullMarked
package dev.moderato.cli.topics;

import org.jspecify.annotations.NullMarked;

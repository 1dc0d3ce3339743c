/** Receives image events; hands on results, failures and embeddings. */
@NullMarked
package dev.moderato.streams;

import org.jspecify.annotations.NullMarked;

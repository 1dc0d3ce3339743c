/** Receives what a service says of its health and its figures; hands them to whoever asks over HTTP. */
@NullMarked
package dev.moderato.ops;

import org.jspecify.annotations.NullMarked;

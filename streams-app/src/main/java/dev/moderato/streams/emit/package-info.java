/** Receives image events on stream threads; hands on results, failures and embeddings in order, before the offsets are committed. */
@NullMarked
package dev.moderato.streams.emit;

import org.jspecify.annotations.NullMarked;

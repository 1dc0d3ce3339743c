/** Receives prepared images from many partitions; hands on embeddings, encoded in batches on one session. */
@NullMarked
package dev.moderato.streams.batch;

import org.jspecify.annotations.NullMarked;

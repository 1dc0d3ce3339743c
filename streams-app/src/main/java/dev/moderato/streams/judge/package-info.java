/** Receives images and the snapshot that each is pinned to; hands on what became of them. Knows neither Kafka nor Avro. */
@NullMarked
package dev.moderato.streams.judge;

import org.jspecify.annotations.NullMarked;

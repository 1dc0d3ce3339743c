package dev.moderato.streams.emit;

import dev.moderato.events.ImageReference;
import dev.moderato.streams.emit.PreCommitDrain.Origin;
import java.time.Instant;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of an image event while its image is in work: all but the bytes.
 *
 * @param key what its result or failure is keyed by
 * @param timestamp of the record, in milliseconds
 */
record ImageRecord(
        Origin origin,
        String key,
        String id,
        String policy,
        @Nullable String surface,
        @Nullable String tenant,
        @Nullable ImageReference reference,
        Instant submittedAt,
        long timestamp,
        Headers headers) {}

package dev.moderato.streams.batch;

import dev.moderato.inference.policy.Embedding;

/** What became of one crop. */
public sealed interface FrameResult {
    /** Encoded. */
    record Encoded(Embedding embedding) implements FrameResult {}

    /** The encoder fails on this crop alone, while it encodes others. */
    record Poisonous(String reason) implements FrameResult {}
}

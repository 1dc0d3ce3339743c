package dev.moderato.streams.batch;

/** What became of one crop. */
public sealed interface FrameResult {
    /** Encoded: a vector of Euclidean length 1. */
    record Vector(float[] unit) implements FrameResult {}

    /** The encoder fails on this crop alone, while it encodes others. */
    record Poisonous(String reason) implements FrameResult {}
}

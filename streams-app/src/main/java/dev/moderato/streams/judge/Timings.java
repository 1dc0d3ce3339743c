package dev.moderato.streams.judge;

/** Where an image's time went, in nanoseconds; 0 for a stage that it skipped. */
public record Timings(long fetch, long decode, long encode, long score, long total) {
    /** What no stage accounts for: waiting for a thread, or for the batch to fill and to run. */
    public long waiting() {
        return Math.max(0, total - fetch - decode - encode - score);
    }
}

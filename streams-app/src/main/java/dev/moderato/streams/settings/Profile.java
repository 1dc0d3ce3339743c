package dev.moderato.streams.settings;

/** What the defaults aim at; any single setting still overrides. */
public enum Profile {
    /** An image's verdict is visible soon: short commits, little linger. */
    LATENCY,
    /** As many images a second as the encoder takes: long commits, full batches. */
    THROUGHPUT;

    <T> T pick(T latency, T throughput) {
        return this == LATENCY ? latency : throughput;
    }
}

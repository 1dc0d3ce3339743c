package dev.moderato.streams.settings;

import java.time.Duration;

/**
 * How images become batches, and what may be in work at once.
 *
 * @param max most crops in one run of the encoder
 * @param linger longest wait of the oldest crop for others that are on their way
 * @param budgetBytes most bytes of images in work, all partitions together
 * @param budgetItems most images in work, all partitions together
 * @param cacheBytes size of the embedding cache; 0 switches it off
 */
public record BatchSettings(
        int max,
        Duration linger,
        int decodeThreads,
        int fetchThreads,
        long budgetBytes,
        int budgetItems,
        long cacheBytes) {
    static BatchSettings read(SettingsReader in, Profile profile) {
        int max = in.count(
                "batch.max",
                profile.pick(8, 32),
                1,
                1024,
                "crops",
                "most crops in one run of the encoder; 8 suits a CPU, 64 a GPU");
        return new BatchSettings(
                max,
                in.time(
                        "batch.linger",
                        profile.pick("2 ms", "20 ms"),
                        Duration.ZERO,
                        Duration.ofSeconds(5),
                        "longest wait for crops on their way"),
                in.byRule("one a core")
                        .count(
                                "decode.threads",
                                Runtime.getRuntime().availableProcessors(),
                                1,
                                256,
                                "threads",
                                "threads that decode images"),
                in.count("fetch.threads", 16, 1, 1024, "threads", "referenced images fetched at once"),
                in.byRule("an eighth of the heap")
                        .bytes(
                                "budget.bytes",
                                Runtime.getRuntime().maxMemory() / 8 / (1 << 20) + " MiB",
                                1 << 20,
                                1L << 40,
                                "most bytes of images in work"),
                in.count("budget.items", Math.max(32, 4 * max), 1, 100_000, "images", "most images in work"),
                in.bytes("cache.bytes", "32 MiB", 0, 1L << 40, "embedding cache; 0 switches it off"));
    }
}

package dev.moderato.cli;

import java.nio.file.Path;
import java.time.Instant;

/**
 * What the launcher tells the JVM that it starts.
 *
 * @param home the folder with the shipped prompts and model
 * @param called when the person pressed enter, so that a start's whole time can be told
 * @param terminal whether standard error is a terminal, where progress may be drawn over itself
 * @param hub where models are pulled from unless told otherwise
 */
public record Launch(Path home, Instant called, boolean terminal, String hub) {
    private static final String HUGGING_FACE = "https://huggingface.co";

    /**
     * Reads the launcher's properties; without a launcher the home is the working directory. The hub is the one in
     * {@code MODERATO_HUB}, else that in {@code HF_ENDPOINT}, which Hugging Face's own tools read.
     */
    public static Launch read() {
        return new Launch(
                Path.of(System.getProperty("moderato.home", "")).toAbsolutePath(),
                Instant.ofEpochMilli(Long.getLong("moderato.called", System.currentTimeMillis())),
                Boolean.getBoolean("moderato.terminal"),
                environment("MODERATO_HUB", environment("HF_ENDPOINT", HUGGING_FACE)));
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : value.strip();
    }

    /** The folder of shipped models. */
    public Path models() {
        return home.resolve("models");
    }

    /** The encoder that is shipped: a demonstration encoder for pictograms. */
    public Path shippedModel() {
        return models().resolve("demo");
    }

    /** The policies that are shipped. */
    public Path shippedPrompts() {
        return home.resolve("prompts");
    }

    /** Where {@code up} keeps its broker's data unless told otherwise. */
    public Path stackData() {
        return home.resolve(".moderato/stack");
    }
}

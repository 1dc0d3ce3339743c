package dev.moderato.streams.judge;

import org.jspecify.annotations.Nullable;

/** Where an image's bytes are. */
public sealed interface Content {
    /** In the event itself. */
    record Inline(byte[] bytes) implements Content {}

    /**
     * Elsewhere.
     *
     * @param sha256 what the bytes must hash to; null where anything goes
     */
    record Reference(String uri, @Nullable String sha256) implements Content {}
}

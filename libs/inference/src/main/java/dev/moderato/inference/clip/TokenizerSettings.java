package dev.moderato.inference.clip;

import java.util.Objects;

/**
 * How texts become ids.
 *
 * @param kind {@value #HUGGING_FACE}: a tokenizer.json
 * @param file the tokenizer, relative to the bundle
 * @param contextLength ids of a text, start and end token included, 3 to 4096
 * @param padding the id that fills what a text leaves
 */
public record TokenizerSettings(String kind, String file, int contextLength, int padding) {
    public static final String HUGGING_FACE = "tokenizer.json";

    public TokenizerSettings {
        Objects.requireNonNull(kind, "tokenizer.kind is missing");
        Objects.requireNonNull(file, "tokenizer.file is missing");
        if (!kind.equals(HUGGING_FACE)) {
            throw new IllegalArgumentException(
                    "tokenizer.kind is '" + kind + "'; the one kind there is is '" + HUGGING_FACE + "'");
        }
        if (contextLength < 3 || contextLength > 4096) {
            throw new IllegalArgumentException("tokenizer.contextLength must be 3 to 4096, not " + contextLength);
        }
        if (padding < 0) {
            throw new IllegalArgumentException("tokenizer.padding must be a token id, not " + padding);
        }
    }
}

package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model's files as some exporter laid them out, and what they say of it; null where they say nothing.
 *
 * @param origin where the model comes from, in words
 * @param tokenizer a tokenizer.json
 * @param contextLength ids of a text
 * @param padding the id that fills what a text leaves
 * @param sigmoid whether the model was trained with a sigmoid and a bias (SigLIP) rather than with a softmax; such a model
 *     has no projection behind its pooled state
 * @param canonicalText whether texts lose case and punctuation before they are tokenised
 * @param notes what was assumed, a line each
 */
record ModelSource(
        String origin,
        Path imageModel,
        Path textModel,
        Path tokenizer,
        @Nullable Preprocessing preprocessing,
        @Nullable Integer contextLength,
        @Nullable Integer padding,
        @Nullable Integer embeddingSize,
        boolean sigmoid,
        @Nullable Double logitScale,
        @Nullable Double logitBias,
        boolean canonicalText,
        @Nullable String licence,
        List<String> notes) {
    ModelSource {
        notes = List.copyOf(notes);
    }
}

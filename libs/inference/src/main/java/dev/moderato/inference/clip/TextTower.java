package dev.moderato.inference.clip;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The text half of a model, as its files say.
 *
 * @param model the ONNX file, relative to the bundle
 * @param ids the graph's input of token ids, N × context length, int32 or int64
 * @param attentionMask the input that is 1 where there is a token and 0 where there is padding; null where there is none
 * @param positionIds the input that is 0, 1, 2, …; null where there is none
 * @param output the graph's output that is the embedding, N × embedding size
 */
public record TextTower(
        String model,
        String ids,
        @Nullable String attentionMask,
        @Nullable String positionIds,
        String output) {
    public TextTower {
        Objects.requireNonNull(model, "text.model is missing");
        Objects.requireNonNull(ids, "text.ids is missing");
        Objects.requireNonNull(output, "text.output is missing");
    }
}

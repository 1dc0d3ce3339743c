package dev.moderato.inference.clip;

import java.util.Objects;

/**
 * The image half of a model, as its files say.
 *
 * @param model the ONNX file, relative to the bundle
 * @param input the graph's float input, N × 3 × height × width
 * @param output the graph's output that is the embedding, N × embedding size
 */
public record ImageTower(String model, String input, String output) {
    public ImageTower {
        Objects.requireNonNull(model, "image.model is missing");
        Objects.requireNonNull(input, "image.input is missing");
        Objects.requireNonNull(output, "image.output is missing");
    }
}

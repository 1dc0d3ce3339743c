package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.ModelProto;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One encoder as it was read.
 *
 * @param model the ONNX model
 * @param origin the file's name, for messages
 * @param output the graph's output that is the embedding; null takes the one named like it, else the first
 * @param folder where the model's external data lies; null where the model has all of its numbers
 */
public record Tower(
        ModelProto model,
        String origin,
        @Nullable String output,
        @Nullable Path folder) {
    /** One with all of its numbers. */
    public Tower(ModelProto model, String origin, @Nullable String output) {
        this(model, origin, output, null);
    }
}

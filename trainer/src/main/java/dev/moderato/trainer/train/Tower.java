package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.ModelProto;
import org.jspecify.annotations.Nullable;

/**
 * One encoder as it was read.
 *
 * @param model the ONNX model with its numbers
 * @param origin the file's name, for messages
 * @param output the graph's output that is the embedding; null takes the one named like it, else the first
 */
public record Tower(
        ModelProto model, String origin, @Nullable String output) {}

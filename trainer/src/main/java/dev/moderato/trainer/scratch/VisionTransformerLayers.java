package dev.moderato.trainer.scratch;

import dev.moderato.trainer.scratch.GraphBuilder.Attribute;
import java.util.List;

/** CLIP's vision transformer up to the class token that is projected. */
final class VisionTransformerLayers {
    private final GraphBuilder graph;
    private final Weights weights;

    VisionTransformerLayers(GraphBuilder graph, Weights weights) {
        this.graph = graph;
        this.weights = weights;
    }

    /** Returns [batch, width]. */
    String apply(Architecture.VisionTransformer vit, String pixels, int side) {
        int width = vit.width();
        int patch = vit.patch();
        int grid = side / patch;
        double scale = Math.pow(width, -0.5);
        String kernel = graph.weight(
                "patch_embedding",
                weights.normal(Math.pow(3.0 * patch * patch, -0.5), width, 3, patch, patch),
                width,
                3,
                patch,
                patch);
        String patches = graph.node(
                "Conv",
                List.of(pixels, kernel),
                Attribute.of("kernel_shape", patch, patch),
                Attribute.of("strides", patch, patch));
        String flat = graph.node("Reshape", List.of(patches, graph.integers(0, width, (long) grid * grid)));
        String tokens = graph.node("Transpose", List.of(flat), Attribute.of("perm", 0, 2, 1));

        String batch = graph.node(
                "Slice",
                List.of(graph.node("Shape", List.of(pixels)), graph.integers(0), graph.integers(1), graph.integers(0)));
        String classShape = graph.node("Concat", List.of(batch, graph.integers(1, width)), Attribute.of("axis", 0L));
        String classToken = graph.node(
                "Expand",
                List.of(graph.weight("class_embedding", weights.normal(scale, 1, 1, width), 1, 1, width), classShape));
        String sequence = graph.node("Concat", List.of(classToken, tokens), Attribute.of("axis", 1L));
        int length = grid * grid + 1;
        String positions = graph.weight("position_embedding", weights.normal(scale, length, width), length, width);

        TransformerBlocks blocks = new TransformerBlocks(graph, weights, width, vit.layers(), vit.heads());
        String encoded =
                blocks.apply(blocks.norm("norm_before", graph.node("Add", List.of(sequence, positions))), null);
        String pooled = graph.node("Gather", List.of(encoded, graph.integer(0)), Attribute.of("axis", 1L));
        return blocks.norm("norm_after", pooled);
    }
}

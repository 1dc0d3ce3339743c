package dev.moderato.trainer.scratch;

import dev.moderato.trainer.scratch.GraphBuilder.Attribute;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CLIP's pre-norm residual attention blocks (Radford et al. 2021), with its initial weights. */
final class TransformerBlocks {
    private static final float EPSILON = 1e-5f;

    private final GraphBuilder graph;
    private final Weights weights;
    private final int width;
    private final int layers;
    private final int heads;

    TransformerBlocks(GraphBuilder graph, Weights weights, int width, int layers, int heads) {
        this.graph = graph;
        this.weights = weights;
        this.width = width;
        this.layers = layers;
        this.heads = heads;
    }

    /**
     * @param x [batch, length, width]
     * @param mask [length, length], added to the attention scores; null for none
     */
    String apply(String x, @Nullable String mask) {
        for (int layer = 0; layer < layers; layer++) {
            String name = "blocks." + layer;
            x = graph.node("Add", List.of(x, attention(name + ".attention", norm(name + ".norm1", x), mask)));
            x = graph.node("Add", List.of(x, feedForward(name + ".mlp", norm(name + ".norm2", x))));
        }
        return x;
    }

    String norm(String name, String x) {
        return graph.node(
                "LayerNormalization",
                List.of(
                        x,
                        graph.weight(name + ".weight", Weights.filled(1, width), width),
                        graph.weight(name + ".bias", new float[width], width)),
                Attribute.of("axis", -1L),
                Attribute.of("epsilon", EPSILON));
    }

    private String attention(String name, String x, @Nullable String mask) {
        double deviation = Math.pow(width, -0.5);
        String joined = linear(name + ".qkv", x, width, 3 * width, deviation);
        List<String> parts = graph.nodes(
                "Split", 3, List.of(joined, graph.integers(width, width, width)), Attribute.of("axis", -1L));
        String query = graph.node("Mul", List.of(perHead(parts.get(0), 0, 2, 1, 3), graph.scalar(scale())));
        String scores = graph.node("MatMul", List.of(query, perHead(parts.get(1), 0, 2, 3, 1)));
        if (mask != null) {
            scores = graph.node("Add", List.of(scores, mask));
        }
        String attended = graph.node(
                "MatMul",
                List.of(
                        graph.node("Softmax", List.of(scores), Attribute.of("axis", -1L)),
                        perHead(parts.get(2), 0, 2, 1, 3)));
        String merged = graph.node(
                "Reshape",
                List.of(
                        graph.node("Transpose", List.of(attended), Attribute.of("perm", 0, 2, 1, 3)),
                        graph.integers(0, 0, width)));
        return linear(name + ".out", merged, width, width, deviation * Math.pow(2.0 * layers, -0.5));
    }

    private float scale() {
        return (float) Math.pow(width / (double) heads, -0.5);
    }

    private String perHead(String x, long... permutation) {
        String split = graph.node("Reshape", List.of(x, graph.integers(0, 0, heads, width / heads)));
        return graph.node("Transpose", List.of(split), Attribute.of("perm", permutation));
    }

    private String feedForward(String name, String x) {
        String hidden = linear(name + ".in", x, width, 4 * width, Math.pow(2.0 * width, -0.5));
        String gate = graph.node("Sigmoid", List.of(graph.node("Mul", List.of(hidden, graph.scalar(1.702f)))));
        String active = graph.node("Mul", List.of(hidden, gate));
        return linear(name + ".out", active, 4 * width, width, Math.pow(width, -0.5) * Math.pow(2.0 * layers, -0.5));
    }

    private String linear(String name, String x, int in, int out, double deviation) {
        String product = graph.node(
                "MatMul", List.of(x, graph.weight(name + ".weight", weights.normal(deviation, in, out), in, out)));
        return graph.node("Add", List.of(product, graph.weight(name + ".bias", new float[out], out)));
    }
}

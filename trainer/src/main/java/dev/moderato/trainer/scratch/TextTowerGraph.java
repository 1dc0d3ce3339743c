package dev.moderato.trainer.scratch;

import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.trainer.scratch.GraphBuilder.Attribute;
import java.util.List;

/** CLIP's text tower: `input_ids` [batch, length ≤ context] → `text_embeds` [batch, embedding], not normalised. */
final class TextTowerGraph {
    private TextTowerGraph() {}

    /** @param vocabulary tokens of the tokenizer; its highest id is the end token, whose position is pooled */
    static ModelProto build(Architecture.Text text, int vocabulary, int embedding, long seed) {
        GraphBuilder graph = new GraphBuilder("text");
        Weights weights = new Weights(seed);
        int width = text.width();
        String ids = graph.input(ScratchBundle.IDS, TensorProto.DataType.INT64, "batch", "length");
        String length = graph.node(
                "Slice",
                List.of(graph.node("Shape", List.of(ids)), graph.integers(1), graph.integers(2), graph.integers(0)));

        String tokens = graph.node(
                "Gather",
                List.of(
                        graph.weight("token_embedding", weights.normal(0.02, vocabulary, width), vocabulary, width),
                        ids),
                Attribute.of("axis", 0L));
        String positions = firstRows(
                graph,
                graph.weight("position_embedding", weights.normal(0.01, text.context(), width), text.context(), width),
                length);
        TransformerBlocks blocks = new TransformerBlocks(graph, weights, width, text.layers(), text.heads());
        String encoded = blocks.norm(
                "norm",
                blocks.apply(graph.node("Add", List.of(tokens, positions)), causalMask(graph, text.context(), length)));

        String projected = graph.node(
                "MatMul",
                List.of(
                        atEndToken(graph, ids, encoded, length),
                        graph.weight(
                                "projection",
                                weights.normal(Math.pow(width, -0.5), width, embedding),
                                width,
                                embedding)));
        graph.output(ScratchBundle.TEXT_EMBEDDING, projected, "batch", embedding);
        return graph.build();
    }

    private static String firstRows(GraphBuilder graph, String matrix, String count) {
        return graph.node("Slice", List.of(matrix, graph.integers(0), count, graph.integers(0)));
    }

    /** Nothing looks ahead; −∞ also marks the tensor as one that training leaves alone. */
    private static String causalMask(GraphBuilder graph, int context, String length) {
        float[] mask = new float[context * context];
        for (int row = 0; row < context; row++) {
            for (int column = row + 1; column < context; column++) {
                mask[row * context + column] = Float.NEGATIVE_INFINITY;
            }
        }
        String whole = graph.weight("causal_mask", mask, context, context);
        String rows = firstRows(graph, whole, length);
        return graph.node("Slice", List.of(rows, graph.integers(0), length, graph.integers(1)));
    }

    /** Picks one row of each text by a product with a one-hot row: differentiable wherever MatMul is. */
    private static String atEndToken(GraphBuilder graph, String ids, String encoded, String length) {
        String end = graph.node("ArgMax", List.of(ids), Attribute.of("axis", 1L), Attribute.of("keepdims", 1L));
        String range = graph.node(
                "Range",
                List.of(graph.integer(0), graph.node("Squeeze", List.of(length, graph.integers(0))), graph.integer(1)));
        String oneHot = graph.node("Cast", List.of(graph.node("Equal", List.of(end, range))), Attribute.of("to", (long)
                TensorProto.DataType.FLOAT_VALUE));
        String row = graph.node("Unsqueeze", List.of(oneHot, graph.integers(1)));
        return graph.node("Squeeze", List.of(graph.node("MatMul", List.of(row, encoded)), graph.integers(1)));
    }
}

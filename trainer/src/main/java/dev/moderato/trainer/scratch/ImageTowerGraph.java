package dev.moderato.trainer.scratch;

import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import java.util.List;

/** An image tower: `pixel_values` [batch, 3, side, side] → `image_embeds` [batch, embedding], not normalised. */
final class ImageTowerGraph {
    private ImageTowerGraph() {}

    static ModelProto build(Architecture architecture, long seed) {
        GraphBuilder graph = new GraphBuilder("image");
        Weights weights = new Weights(seed);
        int side = architecture.imageSize();
        String pixels = graph.input(ScratchBundle.PIXELS, TensorProto.DataType.FLOAT, "batch", 3, side, side);
        String features;
        int width;
        if (architecture.image() instanceof Architecture.ConvNet net) {
            features = new ConvNetLayers(graph, weights).apply(net, pixels);
            width = net.widths().get(net.widths().size() - 1);
        } else if (architecture.image() instanceof Architecture.VisionTransformer vit) {
            features = new VisionTransformerLayers(graph, weights).apply(vit, pixels, side);
            width = vit.width();
        } else {
            throw new IllegalStateException("unknown image tower: " + architecture.image());
        }
        int embedding = architecture.embedding();
        float[] projection = weights.normal(Math.pow(width, -0.5), width, embedding);
        graph.output(
                ScratchBundle.IMAGE_EMBEDDING,
                graph.node("MatMul", List.of(features, graph.weight("projection", projection, width, embedding))),
                "batch",
                embedding);
        return graph.build();
    }
}

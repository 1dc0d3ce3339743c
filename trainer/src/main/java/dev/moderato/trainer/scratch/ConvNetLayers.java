package dev.moderato.trainer.scratch;

import dev.moderato.trainer.scratch.GraphBuilder.Attribute;
import java.util.List;

/**
 * A residual network of 3×3 convolutions with batch norm and ReLU (He et al. 2016, basic blocks), averaged over space.
 * ONNX Runtime folds each batch norm into the convolution before it, so inference pays for convolutions alone.
 */
final class ConvNetLayers {
    private static final float EPSILON = 1e-5f;
    private static final float MOMENTUM = 0.9f;

    private final GraphBuilder graph;
    private final Weights weights;

    ConvNetLayers(GraphBuilder graph, Weights weights) {
        this.graph = graph;
        this.weights = weights;
    }

    /** Returns [batch, last width]. */
    String apply(Architecture.ConvNet net, String pixels) {
        int channels = net.stemWidth();
        String x = relu(convolution("stem", pixels, 3, channels, 3, net.stemStride(), 1));
        for (int stage = 0; stage < net.widths().size(); stage++) {
            int width = net.widths().get(stage);
            for (int block = 0; block < net.blocks().get(stage); block++) {
                int stride = block == 0 ? 2 : 1;
                x = block("stages." + stage + "." + block, x, channels, width, stride);
                channels = width;
            }
        }
        return graph.node("Flatten", List.of(graph.node("GlobalAveragePool", List.of(x))), Attribute.of("axis", 1L));
    }

    /** Starts as the identity: the last batch norm's scale is zero (Goyal et al. 2017, as CLIP's ResNets do). */
    private String block(String name, String x, int in, int out, int stride) {
        String inner = relu(convolution(name + ".conv1", x, in, out, 3, stride, 1));
        String residual = convolution(name + ".conv2", inner, out, out, 3, 1, 0);
        String shortcut = in == out && stride == 1 ? x : convolution(name + ".shortcut", x, in, out, 1, stride, 1);
        return relu(graph.node("Add", List.of(residual, shortcut)));
    }

    private String convolution(String name, String x, int in, int out, int kernel, int stride, float scale) {
        int pad = kernel / 2;
        String convolved = graph.node(
                "Conv",
                List.of(
                        x,
                        graph.weight(name + ".weight", weights.he(out, in, kernel, kernel), out, in, kernel, kernel)),
                Attribute.of("kernel_shape", kernel, kernel),
                Attribute.of("strides", stride, stride),
                Attribute.of("pads", pad, pad, pad, pad));
        return graph.node(
                "BatchNormalization",
                List.of(
                        convolved,
                        graph.weight(name + ".norm.weight", Weights.filled(scale, out), out),
                        graph.weight(name + ".norm.bias", new float[out], out),
                        graph.weight(name + ".norm.mean", new float[out], out),
                        graph.weight(name + ".norm.variance", Weights.filled(1, out), out)),
                Attribute.of("epsilon", EPSILON),
                Attribute.of("momentum", MOMENTUM));
    }

    private String relu(String x) {
        return graph.node("Relu", List.of(x));
    }
}

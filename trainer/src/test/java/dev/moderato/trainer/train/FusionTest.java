package dev.moderato.trainer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.OperatorSetIdProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorShapeProto;
import dev.moderato.onnx.proto.TypeProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Groups of nodes that run as one give ONNX Runtime's numbers and the gradients that differences show. */
@SuppressWarnings("try") // a PointerScope is used by being open
class FusionTest {
    private static final int TOKENS = 5;
    private static final int WIDTH = 4;

    /** What exporters write for attention over {@code x}. */
    enum Export {
        MULTIPLIED_AND_MASKED(List.of(2L, 3L, 5L, 4L), g -> {
            g.node("Mul", "scaled", "scores", "half");
            g.node("Add", "masked", "scaled", "mask");
            g.node("Softmax", "shares", "masked").attribute("axis", -1);
        }),
        MASK_FIRST(List.of(2L, 3L, 5L, 4L), g -> {
            g.node("Add", "masked", "mask", "scores");
            g.node("Softmax", "shares", "masked").attribute("axis", -1);
        }),
        DIVIDED(List.of(2L, 3L, 5L, 4L), g -> {
            g.node("Div", "scaled", "scores", "half");
            g.node("Softmax", "shares", "scaled");
        }),
        ONE_DIMENSION_FOR_BATCH_AND_HEADS(List.of(6L, 5L, 4L), g -> {
            g.node("Add", "masked", "scores", "mask");
            g.node("Softmax", "shares", "masked");
        });

        private final List<Long> shape;
        private final Consumer<Sketch> shares;

        Export(List<Long> shape, Consumer<Sketch> shares) {
            this.shape = shape;
            this.shares = shares;
        }

        Sketch sketch() {
            Sketch sketch = new Sketch(shape);
            for (String each : List.of("q", "k", "v")) {
                sketch.weight("W" + each, WIDTH, WIDTH).weight("b" + each, WIDTH);
                sketch.node("MatMul", each + "0", "x", "W" + each);
                sketch.node("Add", each, each + "0", "b" + each);
            }
            long[] turned = {0, 1, 3, 2};
            sketch.node("Transpose", "kT", "k")
                    .attribute("perm", shape.size() == 3 ? new long[] {0, 2, 1} : turned)
                    .node("MatMul", "scores", "q", "kT")
                    .constant("half", 0.5f)
                    .mask();
            shares.accept(sketch);
            return sketch.node("MatMul", "out", "shares", "v");
        }
    }

    @ParameterizedTest
    @EnumSource(Export.class)
    void attentionIsOneNode(Export export) throws OrtException {
        Sketch sketch = export.sketch();
        assertThat(operators(sketch))
                .contains("Attention", "Linear")
                .doesNotContain("Softmax", "MatMul", "Add", "Mul", "Div");
        assertSameAsOnnxRuntime(sketch);
        assertGradients(sketch);
    }

    @Test
    void quickGeluIsOneNode() throws OrtException {
        Sketch sketch = new Sketch(List.of(3L, 4L))
                .weight("W", WIDTH, WIDTH)
                .constant("c", 1.702f)
                .node("MatMul", "h", "x", "W")
                .node("Mul", "scaled", "c", "h")
                .node("Sigmoid", "gate", "scaled")
                .node("Mul", "out", "h", "gate");
        assertThat(operators(sketch)).containsExactly("MatMul", "QuickGelu");
        assertSameAsOnnxRuntime(sketch);
        assertGradients(sketch);
    }

    @Test
    void aValueThatIsUsedElsewhereIsStillComputed() throws OrtException {
        Sketch sketch = new Sketch(List.of(3L, 4L))
                .weight("W", WIDTH, WIDTH)
                .weight("b", WIDTH)
                .node("MatMul", "h", "x", "W")
                .node("Add", "sum", "h", "b")
                .node("Mul", "out", "sum", "h");
        assertThat(operators(sketch)).containsExactly("MatMul", "Add", "Mul");
        assertSameAsOnnxRuntime(sketch);
    }

    @Test
    void softmaxOverAnotherAxisIsNoAttention() throws OrtException {
        Sketch sketch = new Sketch(List.of(2L, 5L, 4L))
                .node("Transpose", "kT", "x")
                .attribute("perm", 0, 2, 1)
                .node("MatMul", "scores", "x", "kT")
                .node("Softmax", "shares", "scores")
                .attribute("axis", 1)
                .node("MatMul", "out", "shares", "x");
        assertThat(operators(sketch)).contains("Softmax");
        assertSameAsOnnxRuntime(sketch);
    }

    private static List<String> operators(Sketch sketch) {
        try (TrainableGraph graph = sketch.open()) {
            return graph.plan().nodes().stream().map(GraphNode::op).toList();
        }
    }

    private static void assertSameAsOnnxRuntime(Sketch sketch) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] shape = sketch.shape();
        try (PointerScope scope = new PointerScope();
                TrainableGraph graph = sketch.open();
                OrtSession session = environment.createSession(sketch.model().toByteArray());
                OnnxTensor fed = OnnxTensor.createTensor(environment, FloatBuffer.wrap(sketch.x), shape);
                OrtSession.Result result = session.run(Map.of("x", fed))) {
            FloatBuffer expected = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] actual = Tensors.floats(graph.forward(true, Tensors.of(sketch.x, shape)));
            assertThat(actual).hasSize(expected.remaining());
            for (float value : actual) {
                assertThat(value).isCloseTo(expected.get(), within(1e-6f));
            }
        }
    }

    private static void assertGradients(Sketch sketch) {
        try (PointerScope scope = new PointerScope();
                TrainableGraph graph = sketch.open()) {
            loss(graph, sketch).backward();
            for (Parameter parameter : graph.parameters()) {
                float[] gradient = Tensors.floats(parameter.value().grad());
                for (int i = 0; i < gradient.length; i += 3) {
                    double slope =
                            (lossAt(graph, sketch, parameter, i, 1e-2) - lossAt(graph, sketch, parameter, i, -1e-2))
                                    / 2e-2;
                    assertThat((double) gradient[i]).as(parameter.name()).isCloseTo(slope, within(4e-3));
                }
            }
        }
    }

    /** Squares, so that no gradient is zero by symmetry, as that of a softmax's sum would be. */
    private static Tensor loss(TrainableGraph graph, Sketch sketch) {
        Tensor out = graph.forward(true, Tensors.of(sketch.x, sketch.shape()));
        return torch.sum(torch.mul(out, out));
    }

    private static double lossAt(TrainableGraph graph, Sketch sketch, Parameter parameter, int index, double move) {
        return Tensors.withoutGradient(() -> {
            Tensor flat = parameter.value().view(-1);
            Tensor place = torch.narrow(flat, 0, index, 1);
            place.add_(Tensors.scalar(move));
            double loss = loss(graph, sketch).item_float();
            place.sub_(Tensors.scalar(move));
            return loss;
        });
    }

    /** A small graph, node by node; its input is {@code x}, its output {@code out}. */
    private static final class Sketch {
        private final Random random = new Random(11);
        private final List<Long> shape;
        private final GraphProto.Builder graph = GraphProto.newBuilder().setName("sketch");
        final float[] x;

        Sketch(List<Long> shape) {
            this.shape = shape;
            this.x = numbers((int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b));
            TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
            shape.forEach(d ->
                    dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(d)));
            graph.addInput(value("x").toBuilder()
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder()
                                    .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                    .setShape(dimensions))));
            graph.addOutput(value("out"));
        }

        long[] shape() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        Sketch weight(String name, long... dims) {
            return initializer(
                    name,
                    numbers((int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)),
                    Arrays.stream(dims).boxed().toList());
        }

        Sketch constant(String name, float number) {
            return initializer(name, new float[] {number}, List.of());
        }

        /** Causal, as an exporter writes it. */
        Sketch mask() {
            float[] mask = new float[TOKENS * TOKENS];
            for (int row = 0; row < TOKENS; row++) {
                Arrays.fill(mask, row * TOKENS + row + 1, (row + 1) * TOKENS, -Float.MAX_VALUE);
            }
            return initializer("mask", mask, List.of((long) TOKENS, (long) TOKENS));
        }

        Sketch node(String op, String output, String... inputs) {
            graph.addNode(NodeProto.newBuilder()
                    .setName(output)
                    .setOpType(op)
                    .addOutput(output)
                    .addAllInput(List.of(inputs)));
            return this;
        }

        /** Of the node before. */
        Sketch attribute(String name, long... numbers) {
            AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
            if (numbers.length == 1) {
                attribute.setType(AttributeProto.AttributeType.INT).setI(numbers[0]);
            } else {
                attribute.setType(AttributeProto.AttributeType.INTS);
                Arrays.stream(numbers).forEach(attribute::addInts);
            }
            graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(attribute);
            return this;
        }

        ModelProto model() {
            return ModelProto.newBuilder()
                    .setIrVersion(8)
                    .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                    .setGraph(graph)
                    .build();
        }

        TrainableGraph open() {
            return TrainableGraph.of(new Tower(model(), "tower.onnx", null), null);
        }

        private Sketch initializer(String name, float[] numbers, List<Long> dims) {
            TensorProto.Builder tensor = TensorProto.newBuilder()
                    .setName(name)
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addAllDims(dims);
            for (float number : numbers) {
                tensor.addFloatData(number);
            }
            graph.addInitializer(tensor);
            return this;
        }

        private float[] numbers(int count) {
            float[] numbers = new float[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = (float) random.nextDouble(-1, 1);
            }
            return numbers;
        }

        private static ValueInfoProto value(String name) {
            return ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE)))
                    .build();
        }
    }
}

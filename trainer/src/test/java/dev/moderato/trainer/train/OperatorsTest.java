package dev.moderato.trainer.train;

import static dev.moderato.onnx.proto.TensorProto.DataType.BOOL;
import static dev.moderato.onnx.proto.TensorProto.DataType.FLOAT;
import static dev.moderato.onnx.proto.TensorProto.DataType.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator gives what ONNX Runtime gives. */
@SuppressWarnings("try") // a PointerScope is used by being open
class OperatorsTest {
    private static final Set<String> SEEN_IN_EXPORTS = Set.of(
            ("Add And ArgMax Attention AveragePool BatchNormalization Cast Concat Constant ConstantOfShape Conv Div"
                            + " Equal Erf Expand Flatten Gather GatherND Gemm GlobalAveragePool Identity IsNaN LayerNormalization"
                            + " LessOrEqual MatMul Max Mod Mul Pow Range ReduceMean Relu Reshape Shape Sigmoid Slice Softmax Split"
                            + " Sqrt Squeeze Sub Transpose Unsqueeze Where")
                    .split(" "));

    static Stream<OneNode> nodes() {
        List<OneNode> nodes = new ArrayList<>();
        for (String op : List.of("Add", "Sub", "Mul", "Div", "Max", "Min")) {
            nodes.add(new OneNode(op, 17).random(2, 3).positive(3));
        }
        nodes.add(new OneNode("Div", 17)
                .integers(list(4), 7, -7, 8, 9)
                .integers(list(1), 2)
                .gives(INT64));
        nodes.add(new OneNode("Mod", 17)
                .integers(list(4), 7, -7, 8, 9)
                .integers(list(1), 3)
                .gives(INT64));
        nodes.add(new OneNode("Mod", 17).random(4).positive(4).with("fmod", 1));
        nodes.add(new OneNode("Pow", 17).positive(2, 3).floats(list(1), 3));
        for (String op : List.of("Erf", "Tanh", "Relu", "Sigmoid", "Neg", "Abs", "Exp", "Identity", "HardSwish")) {
            nodes.add(new OneNode(op, 17).random(2, 5));
        }
        for (String op : List.of("Sqrt", "Log", "Reciprocal")) {
            nodes.add(new OneNode(op, 17).positive(2, 5));
        }
        nodes.add(new OneNode("Gelu", 20).random(2, 5));
        nodes.add(new OneNode("Gelu", 20).random(2, 5).with("approximate", "tanh"));
        nodes.add(new OneNode("HardSigmoid", 17).random(9).with("alpha", 0.3f));
        nodes.add(new OneNode("LeakyRelu", 17).random(9).with("alpha", 0.2f));
        nodes.add(new OneNode("IsNaN", 17).floats(list(3), 1, Double.NaN, 2).gives(BOOL));
        nodes.add(new OneNode("Not", 17).booleans(list(3), 1, 0, 1).gives(BOOL));
        for (String op : List.of("And", "Or")) {
            nodes.add(new OneNode(op, 17)
                    .booleans(list(4), 0, 0, 1, 1)
                    .booleans(list(4), 0, 1, 0, 1)
                    .gives(BOOL));
        }
        for (String op : List.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
            nodes.add(new OneNode(op, 17)
                    .integers(list(3), 1, 2, 3)
                    .integers(list(3), 2, 2, 2)
                    .gives(BOOL));
        }
        nodes.add(
                new OneNode("Where", 17).booleans(list(3), 1, 0, 1).random(2, 3).random(1));
        nodes.add(new OneNode("Clip", 17).random(9).number(FLOAT, -0.5).number(FLOAT, 0.5));
        nodes.add(new OneNode("Clip", 17).random(9).nothing().number(FLOAT, 0.5));
        nodes.add(
                new OneNode("Cast", 17).random(5).with("to", INT64.getNumber()).gives(INT64));
        nodes.add(new OneNode("Dropout", 17).random(5));

        nodes.add(new OneNode("Constant", 17).tensor("value", 1, 2, 3));
        nodes.add(new OneNode("ConstantOfShape", 17).integers(list(2), 2, 3).tensor("value", 4));
        nodes.add(new OneNode("ConstantOfShape", 17).integers(list(2), 2, 3));
        nodes.add(new OneNode("Range", 17)
                .number(INT64, 1)
                .number(INT64, 9)
                .number(INT64, 3)
                .gives(INT64));
        nodes.add(new OneNode("Shape", 17).random(2, 3, 4).with("start", 1).gives(INT64));
        nodes.add(new OneNode("Size", 17).random(2, 3, 4).gives(INT64));
        nodes.add(new OneNode("Reshape", 17).random(2, 3, 4).constants(0, -1));
        nodes.add(new OneNode("Flatten", 17).random(2, 3, 4).with("axis", 2));
        nodes.add(new OneNode("Transpose", 17).random(2, 3, 4));
        nodes.add(new OneNode("Transpose", 17).random(2, 3, 4).list("perm", 1, 2, 0));
        nodes.add(new OneNode("Squeeze", 17).random(2, 1, 3, 1));
        nodes.add(new OneNode("Squeeze", 17).random(2, 1, 3, 1).constants(-1));
        nodes.add(new OneNode("Unsqueeze", 17).random(2, 3).constants(0, -1));
        nodes.add(new OneNode("Expand", 17).random(3, 1).constants(2, 1, 4));
        nodes.add(new OneNode("Tile", 17).random(2, 3).constants(2, 1));
        nodes.add(new OneNode("Concat", 17).random(2, 3).random(2, 1).with("axis", -1));
        nodes.add(new OneNode("Split", 17)
                .random(2, 5)
                .constants(2, 3)
                .with("axis", 1)
                .outputs(2));
        nodes.add(new OneNode("Split", 18).random(7, 2).with("num_outputs", 3).outputs(3));
        nodes.add(
                new OneNode("Slice", 17).random(4, 5).constants(1).constants(9).constants(1));
        nodes.add(new OneNode("Slice", 17)
                .random(4, 5)
                .constants(-1, 0)
                .constants(-5, 4)
                .constants(0, 1)
                .constants(-2, 2));
        nodes.add(new OneNode("Gather", 17).random(4, 3).integers(new long[] {2, 2}, 0, 3, -1, 1));
        nodes.add(new OneNode("Gather", 17)
                .random(2, 3, 4)
                .integers(list(2), 2, 0)
                .with("axis", 1));
        nodes.add(new OneNode("Gather", 17).random(2, 3).number(INT64, -1).with("axis", 1));
        nodes.add(new OneNode("GatherND", 17).random(2, 3, 4).integers(new long[] {2, 2}, 0, 2, 1, -1));
        nodes.add(new OneNode("GatherND", 17)
                .random(2, 3, 4)
                .integers(new long[] {2, 1}, 2, 0)
                .with("batch_dims", 1));
        nodes.add(new OneNode("Trilu", 17).random(3, 3).number(INT64, 1).with("upper", 0));
        nodes.add(new OneNode("Pad", 17).random(2, 3).constants(1, 0, 0, 2).number(FLOAT, 5));

        nodes.add(new OneNode("ReduceMean", 17).random(2, 3, 4).list("axes", 1));
        nodes.add(new OneNode("ReduceMean", 18).random(2, 3, 4).constants(-1).with("keepdims", 0));
        for (String op : List.of("ReduceMax", "ReduceMin", "ReduceL2")) {
            nodes.add(new OneNode(op, 18).random(2, 3, 4).constants(0, 2));
        }
        nodes.add(new OneNode("ReduceSum", 17).random(2, 3, 4));
        nodes.add(new OneNode("ArgMax", 17)
                .random(2, 5)
                .with("axis", 1)
                .with("keepdims", 0)
                .gives(INT64));
        nodes.add(new OneNode("Softmax", 17).random(2, 5));
        nodes.add(new OneNode("LogSoftmax", 17).random(2, 5).with("axis", 0));

        nodes.add(
                new OneNode("LayerNormalization", 17).random(2, 3, 4).random(4).random(4));
        nodes.add(new OneNode("LayerNormalization", 17)
                .random(2, 3, 4)
                .random(3, 4)
                .with("axis", 1)
                .with("epsilon", 0.1f));
        nodes.add(new OneNode("GroupNormalization", 21)
                .random(2, 4, 3, 3)
                .random(4)
                .random(4)
                .with("num_groups", 2));
        nodes.add(new OneNode("InstanceNormalization", 17)
                .random(2, 3, 4, 4)
                .random(3)
                .random(3));
        nodes.add(new OneNode("BatchNormalization", 17)
                .random(2, 3, 4, 4)
                .random(3)
                .random(3)
                .random(3)
                .positive(3));

        nodes.add(new OneNode("MatMul", 17).random(2, 3, 4).random(4, 5));
        nodes.add(new OneNode("Gemm", 17).random(3, 4).random(4, 5));
        nodes.add(new OneNode("Gemm", 17)
                .random(4, 3)
                .random(5, 4)
                .random(5)
                .with("transA", 1)
                .with("transB", 1)
                .with("alpha", 0.5f)
                .with("beta", 2f));
        nodes.add(new OneNode("Conv", 17)
                .random(2, 4, 9, 9)
                .random(6, 2, 3, 3)
                .random(6)
                .with("group", 2)
                .list("strides", 2, 2)
                .list("pads", 1, 1, 1, 1));
        nodes.add(new OneNode("Conv", 17).random(1, 2, 8, 7).random(3, 2, 3, 3).list("pads", 0, 1, 1, 2));
        nodes.add(new OneNode("Conv", 17)
                .random(1, 2, 8, 7)
                .random(3, 2, 3, 3)
                .with("auto_pad", "SAME_UPPER")
                .list("strides", 2, 2));
        nodes.add(new OneNode("GlobalAveragePool", 17).random(2, 3, 4, 5));
        nodes.add(new OneNode("AveragePool", 17)
                .random(2, 3, 6, 6)
                .list("kernel_shape", 3, 3)
                .list("strides", 2, 2)
                .list("pads", 1, 1, 1, 1));
        nodes.add(new OneNode("MaxPool", 17)
                .random(2, 3, 6, 6)
                .list("kernel_shape", 3, 3)
                .list("strides", 2, 2)
                .list("pads", 1, 1, 1, 1));
        nodes.add(new OneNode("Attention", 23)
                .random(2, 2, 3, 4)
                .random(2, 2, 5, 4)
                .random(2, 2, 5, 4));
        nodes.add(new OneNode("Attention", 23)
                .random(2, 3, 8)
                .random(2, 3, 8)
                .random(2, 3, 8)
                .with("q_num_heads", 2)
                .with("kv_num_heads", 2)
                .with("is_causal", 1)
                .with("scale", 0.3f));
        return nodes.stream();
    }

    private static long[] list(long length) {
        return new long[] {length};
    }

    @ParameterizedTest
    @MethodSource("nodes")
    void givesWhatOnnxRuntimeGives(OneNode node) throws OrtException {
        for (String output : node.outputNames()) {
            Result expected = runtime(node, output);
            Result actual = ours(node, output);
            assertThat(actual.shape()).containsExactly(expected.shape());
            for (int i = 0; i < expected.values().length; i++) {
                assertThat(actual.values()[i]).isCloseTo(expected.values()[i], within(2e-6f));
            }
        }
    }

    @Test
    void coversWhatExportersWrite() {
        assertThat(nodes().map(node -> node.op).collect(Collectors.toSet())).containsAll(SEEN_IN_EXPORTS);
        assertThat(nodes().map(node -> node.op).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(Operators.names());
    }

    @Test
    void namesTheNodeThatItDoesNotKnow() {
        OneNode node = new OneNode("NonMaxSuppression", 17).random(2, 2);
        assertThatThrownBy(() -> TrainableGraph.of(new Tower(node.model(), "tower.onnx", null), null))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith(
                        "tower.onnx: node the_NonMaxSuppression is a NonMaxSuppression, which the trainer"
                                + " does not know; it knows Abs, Add, And,");
    }

    @Test
    void refusesOperatorSetsThatItDoesNotKnow() {
        OneNode node = new OneNode("Add", 9).random(2).random(2);
        assertThatThrownBy(() -> TrainableGraph.of(new Tower(node.model(), "tower.onnx", null), null))
                .isInstanceOf(GraphException.class)
                .hasMessage("tower.onnx: operator set 9 is not one of 13 to 24; export it anew");
    }

    @Test
    void namesTheNodeWhoseInputsDoNotFit() {
        OneNode node = new OneNode("MatMul", 17).random(2, 3).random(4, 5);
        assertThatThrownBy(() -> ours(node, "out0"))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("tower.onnx: ")
                .hasMessageContaining("the_MatMul")
                .hasMessageContaining("[2, 3]")
                .hasMessageContaining("[4, 5]");
    }

    private record Result(long[] shape, float[] values) {}

    private static Result ours(OneNode node, String output) {
        try (PointerScope scope = new PointerScope();
                TrainableGraph graph = TrainableGraph.of(new Tower(node.model(), "tower.onnx", output), null)) {
            Map<String, Tensor> fed = new HashMap<>();
            node.fed.forEach(input -> fed.put(input.name(), tensor(input)));
            Tensor[] inputs = graph.plan().inputs().stream()
                    .map(input -> fed.get(input.name()))
                    .toArray(Tensor[]::new);
            // Twice: the second run takes what depends on shapes alone from the first.
            graph.forward(false, inputs);
            Tensor result = graph.forward(false, inputs);
            return new Result(result.shape(), Tensors.floats(result));
        }
    }

    private static Tensor tensor(OneNode.Input input) {
        if (input.type() == FLOAT) {
            return Tensors.of(floats(input.values()), input.shape());
        }
        Tensor whole = Tensors.of(longs(input.values()), input.shape());
        return input.type() == BOOL ? whole.to(torch.ScalarType.Bool) : whole;
    }

    private static Result runtime(OneNode node, String output) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> fed = new HashMap<>();
        try (OrtSession session = environment.createSession(node.model().toByteArray())) {
            for (OneNode.Input input : node.fed) {
                fed.put(input.name(), onnx(environment, input));
            }
            try (OrtSession.Result result = session.run(fed, Set.of(output))) {
                OnnxTensor tensor = (OnnxTensor) result.get(0);
                return new Result(tensor.getInfo().getShape(), values(tensor));
            }
        } finally {
            fed.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor onnx(OrtEnvironment environment, OneNode.Input input) throws OrtException {
        if (input.type() == FLOAT) {
            return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats(input.values())), input.shape());
        }
        if (input.type() == BOOL) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(input.values().length);
            for (double value : input.values()) {
                bytes.put((byte) value);
            }
            return OnnxTensor.createTensor(environment, bytes.rewind(), input.shape(), OnnxJavaType.BOOL);
        }
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(longs(input.values())), input.shape());
    }

    private static float[] values(OnnxTensor tensor) {
        int count = (int) tensor.getInfo().getNumElements();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (tensor.getInfo().type) {
                case FLOAT -> tensor.getFloatBuffer().get(i);
                case BOOL -> tensor.getByteBuffer().get(i);
                default -> tensor.getLongBuffer().get(i);
            };
        }
        return values;
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static long[] longs(double... values) {
        long[] longs = new long[values.length];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = (long) values[i];
        }
        return longs;
    }
}

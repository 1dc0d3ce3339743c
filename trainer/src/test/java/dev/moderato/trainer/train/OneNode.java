package dev.moderato.trainer.train;

import com.google.protobuf.ByteString;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.OperatorSetIdProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorShapeProto;
import dev.moderato.onnx.proto.TypeProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A graph of one node, with what is fed to it. */
final class OneNode {
    /** A value that is fed, or kept in the graph. */
    record Input(String name, TensorProto.DataType type, long[] shape, double[] values) {}

    final String op;
    final List<Input> fed = new ArrayList<>();
    private final int opset;
    private final NodeProto.Builder node = NodeProto.newBuilder();
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("one");
    private final Random random = new Random(7);
    private TensorProto.DataType result = TensorProto.DataType.FLOAT;
    private int outputs = 1;

    OneNode(String op, int opset) {
        this.op = op;
        this.opset = opset;
        node.setOpType(op).setName("the_" + op);
    }

    /** Feeds random floats. */
    OneNode random(long... shape) {
        double[] values = random.doubles(size(shape), -1.5, 1.5)
                .map(v -> (double) (float) v)
                .toArray();
        return feed(TensorProto.DataType.FLOAT, shape, values);
    }

    /** Feeds random floats above zero. */
    OneNode positive(long... shape) {
        double[] values =
                random.doubles(size(shape), 0.2, 2).map(v -> (double) (float) v).toArray();
        return feed(TensorProto.DataType.FLOAT, shape, values);
    }

    OneNode floats(long[] shape, double... values) {
        return feed(TensorProto.DataType.FLOAT, shape, values);
    }

    OneNode integers(long[] shape, double... values) {
        return feed(TensorProto.DataType.INT64, shape, values);
    }

    OneNode booleans(long[] shape, double... values) {
        return feed(TensorProto.DataType.BOOL, shape, values);
    }

    /** Keeps a list of whole numbers in the graph: axes, a shape. */
    OneNode constants(long... values) {
        double[] numbers = Arrays.stream(values).mapToDouble(v -> v).toArray();
        return keep(TensorProto.DataType.INT64, new long[] {values.length}, numbers);
    }

    /** Keeps one number in the graph. */
    OneNode number(TensorProto.DataType type, double value) {
        return keep(type, new long[] {}, new double[] {value});
    }

    /** Leaves an optional input out. */
    OneNode nothing() {
        node.addInput("");
        return this;
    }

    OneNode with(String name, long value) {
        node.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value));
        return this;
    }

    OneNode with(String name, float value) {
        node.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value));
        return this;
    }

    OneNode with(String name, String value) {
        node.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)));
        return this;
    }

    OneNode list(String name, long... values) {
        node.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(values).boxed().toList()));
        return this;
    }

    OneNode tensor(String name, double... values) {
        node.addAttribute(AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor("", TensorProto.DataType.FLOAT, new long[] {values.length}, values)));
        return this;
    }

    OneNode gives(TensorProto.DataType type) {
        result = type;
        return this;
    }

    OneNode outputs(int count) {
        outputs = count;
        return this;
    }

    List<String> outputNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add("out" + i);
        }
        return names;
    }

    ModelProto model() {
        NodeProto.Builder whole = node.build().toBuilder();
        GraphProto.Builder all = graph.build().toBuilder();
        for (String name : outputNames()) {
            whole.addOutput(name);
            all.addOutput(ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(result.getNumber()))));
        }
        return ModelProto.newBuilder()
                .setIrVersion(opset >= 23 ? 11 : 8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .setGraph(all.addNode(whole))
                .build();
    }

    private OneNode feed(TensorProto.DataType type, long[] shape, double... values) {
        String name = "in" + node.getInputCount();
        node.addInput(name);
        fed.add(new Input(name, type, shape, values));
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (long dimension : shape) {
            dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dimension));
        }
        graph.addInput(ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(dimensions))));
        return this;
    }

    private OneNode keep(TensorProto.DataType type, long[] shape, double... values) {
        String name = "kept" + node.getInputCount();
        node.addInput(name);
        graph.addInitializer(tensor(name, type, shape, values));
        return this;
    }

    static TensorProto tensor(String name, TensorProto.DataType type, long[] shape, double... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .addAllDims(Arrays.stream(shape).boxed().toList());
        for (double value : values) {
            if (type == TensorProto.DataType.FLOAT) {
                tensor.addFloatData((float) value);
            } else {
                tensor.addInt64Data((long) value);
            }
        }
        return tensor.build();
    }

    private static long size(long... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return op + " of operator set " + opset + " on "
                + fed.stream().map(i -> Arrays.toString(i.shape())).toList();
    }
}

package dev.moderato.trainer.scratch;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lays an ONNX graph node by node; every value is known by the name of the output that makes it. Opset 17. */
final class GraphBuilder {
    private static final int OPSET = 17;
    private static final int IR_VERSION = 8;

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, Integer> counters = new HashMap<>();

    GraphBuilder(String name) {
        graph.setName(name);
    }

    /** Declares an input; a dimension is a number, or a name where it may vary. */
    String input(String name, TensorProto.DataType type, Object... dimensions) {
        graph.addInput(value(name, type, dimensions));
        return name;
    }

    /** Declares what the graph hands out, under the name that the value gets. */
    void output(String name, String value, Object... dimensions) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Identity")
                .setName(name)
                .addInput(value)
                .addOutput(name));
        graph.addOutput(value(name, TensorProto.DataType.FLOAT, dimensions));
    }

    /** A float tensor kept in the file: a weight, or a frozen statistic. */
    String weight(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(Arrays.stream(shape).boxed().toList())
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    /** A float scalar that is part of the formula, not a weight. */
    String scalar(float value) {
        return weight(fresh("scalar"), new float[] {value});
    }

    /** A vector of integers: axes, shapes, bounds. */
    String integers(long... values) {
        return integerTensor(values, values.length);
    }

    String integer(long value) {
        return integerTensor(new long[] {value});
    }

    private String integerTensor(long[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        String name = fresh("integers");
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addAllDims(Arrays.stream(shape).boxed().toList())
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    /** A node with one output. */
    String node(String op, List<String> inputs, Attribute... attributes) {
        return nodes(op, 1, inputs, attributes).get(0);
    }

    /** A node with several outputs. */
    List<String> nodes(String op, int outputs, List<String> inputs, Attribute... attributes) {
        String name = fresh(op);
        List<String> names = outputs == 1
                ? List.of(name)
                : java.util.stream.IntStream.range(0, outputs)
                        .mapToObj(i -> name + "." + i)
                        .toList();
        NodeProto.Builder node = NodeProto.newBuilder()
                .setOpType(op)
                .setName(name)
                .addAllInput(inputs)
                .addAllOutput(names);
        for (Attribute attribute : attributes) {
            node.addAttribute(attribute.proto());
        }
        graph.addNode(node);
        return names;
    }

    ModelProto build() {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("moderato")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph)
                .build();
    }

    private String fresh(String stem) {
        return stem + "_" + counters.merge(stem, 1, Integer::sum);
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, Object... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            TensorShapeProto.Dimension.Builder one = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(
                    dimension instanceof Number number
                            ? one.setDimValue(number.longValue())
                            : one.setDimParam((String) dimension));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(shape)))
                .build();
    }

    /** A constant argument of a node. */
    record Attribute(AttributeProto proto) {
        static Attribute of(String name, long value) {
            return new Attribute(AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(value)
                    .build());
        }

        static Attribute of(String name, float value) {
            return new Attribute(AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.FLOAT)
                    .setF(value)
                    .build());
        }

        static Attribute of(String name, long... values) {
            return new Attribute(AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.INTS)
                    .addAllInts(Arrays.stream(values).boxed().toList())
                    .build());
        }
    }
}

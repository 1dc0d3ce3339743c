package dev.moderato.inference.clip;

import com.google.protobuf.ByteString;
import dev.moderato.onnx.Half;
import dev.moderato.onnx.Tensors;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.OperatorSetIdProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import dev.moderato.onnx.proto.TensorShapeProto;
import dev.moderato.onnx.proto.TypeProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Lays small ONNX graphs of any shape that a tower may have; the numbers come from a fixed seed. */
final class SmallGraph {
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("small");
    private final Random random = new Random(7);
    private long opset = 13;

    SmallGraph opset(long version) {
        opset = version;
        return this;
    }

    /** A dimension is a number, or a name where it is open. */
    SmallGraph input(String name, DataType type, Object... shape) {
        graph.addInput(value(name, type, shape));
        return this;
    }

    SmallGraph output(String name, DataType type, Object... shape) {
        graph.addOutput(value(name, type, shape));
        return this;
    }

    SmallGraph weight(String name, long... shape) {
        return weight(name, DataType.FLOAT, shape);
    }

    SmallGraph weight(String name, DataType type, long... shape) {
        int count = 1;
        for (long side : shape) {
            count *= (int) side;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        if (type == DataType.FLOAT) {
            graph.addInitializer(Tensors.ofFloats(name, values, shape));
        } else {
            ByteBuffer halves = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : values) {
                halves.putShort(Half.fromFloat(value));
            }
            TensorProto.Builder tensor = TensorProto.newBuilder()
                    .setName(name)
                    .setDataType(DataType.FLOAT16_VALUE)
                    .setRawData(ByteString.copyFrom(halves.flip()));
            for (long side : shape) {
                tensor.addDims(side);
            }
            graph.addInitializer(tensor);
        }
        return this;
    }

    SmallGraph node(String type, String output, List<String> inputs, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(type)
                .setName(output)
                .addAllInput(inputs)
                .addOutput(output)
                .addAllAttribute(List.of(attributes)));
        return this;
    }

    ModelProto build() {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .setGraph(graph)
                .build();
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto integers(String name, Long... values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(List.of(values))
                .build();
    }

    private static ValueInfoProto value(String name, DataType type, Object... shape) {
        TensorShapeProto.Builder sides = TensorShapeProto.newBuilder();
        for (Object side : shape) {
            TensorShapeProto.Dimension.Builder one = TensorShapeProto.Dimension.newBuilder();
            sides.addDim(
                    side instanceof Number number
                            ? one.setDimValue(number.longValue())
                            : one.setDimParam(side.toString()));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(sides)))
                .build();
    }

    /** An image tower that sees every pixel: N×3×side×side floats, flattened, times a matrix. */
    static SmallGraph imageTower(String input, String output, Object batch, int side, int embedding) {
        return new SmallGraph()
                .input(input, DataType.FLOAT, batch, 3, side, side)
                .weight("w", 3L * side * side, embedding)
                .node("Flatten", "flat", List.of(input), integer("axis", 1))
                .node("MatMul", output, List.of("flat", "w"))
                .output(output, DataType.FLOAT, batch, embedding);
    }

    /** A text tower whose embedding depends on every id: N×length ids, looked up, mean over the length. */
    static SmallGraph textTower(
            String input, String output, DataType ids, Object batch, Object length, int vocabulary, int embedding) {
        return new SmallGraph()
                .input(input, ids, batch, length)
                .weight("table", vocabulary, embedding)
                .node("Gather", "tokens", List.of("table", input))
                .node("ReduceMean", output, List.of("tokens"), integers("axes", 1L), integer("keepdims", 0))
                .output(output, DataType.FLOAT, batch, embedding);
    }
}

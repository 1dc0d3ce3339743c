package dev.moderato.inference.clip;

import com.google.protobuf.ByteString;
import dev.moderato.onnx.Half;
import dev.moderato.onnx.Tensors;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataLocation;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A prepared float32 tower, whose input is integers and whose output is cast to float32, computed in float16 instead. */
final class HalfGraph {
    private static final float LARGEST = 65504;

    private HalfGraph() {}

    static ModelProto convert(ModelProto model, Path file) throws BundleException {
        GraphProto.Builder graph = model.getGraph().toBuilder().clearValueInfo();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            graph.setInitializer(i, convert(graph.getInitializer(i), file));
        }
        int last = graph.getNodeCount() - 1; // the cast of the output stays one to float32
        for (int i = 0; i < last; i++) {
            graph.setNode(i, convert(graph.getNode(i), file));
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private static NodeProto convert(NodeProto node, Path file) throws BundleException {
        NodeProto.Builder builder = node.toBuilder();
        for (int i = 0; i < builder.getAttributeCount(); i++) {
            AttributeProto attribute = builder.getAttribute(i);
            if (attribute.hasG() || attribute.getGraphsCount() > 0) {
                throw new BundleException(file + " branches (" + node.getOpType()
                        + "), which the conversion to fp16 does not" + " follow: import the fp16 files");
            }
            if (attribute.hasT()) {
                builder.setAttribute(i, attribute.toBuilder().setT(convert(attribute.getT(), file)));
            } else if (isTypeOf(node, attribute) && attribute.getI() == DataType.FLOAT_VALUE) {
                builder.setAttribute(i, attribute.toBuilder().setI(DataType.FLOAT16_VALUE));
            } else if (node.getOpType().equals("Constant")
                    && attribute.getName().equals("value_float")) {
                builder.setAttribute(i, constant(Tensors.ofFloats("", new float[] {attribute.getF()}), file));
            } else if (node.getOpType().equals("Constant")
                    && attribute.getName().equals("value_floats")) {
                float[] values = new float[attribute.getFloatsCount()];
                for (int v = 0; v < values.length; v++) {
                    values[v] = attribute.getFloats(v);
                }
                builder.setAttribute(i, constant(Tensors.ofFloats("", values, values.length), file));
            }
        }
        return builder.build();
    }

    private static AttributeProto constant(TensorProto tensor, Path file) throws BundleException {
        return AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(convert(tensor, file))
                .build();
    }

    private static boolean isTypeOf(NodeProto node, AttributeProto attribute) {
        return (node.getOpType().equals("Cast") && attribute.getName().equals("to"))
                || attribute.getName().equals("dtype");
    }

    private static TensorProto convert(TensorProto tensor, Path file) throws BundleException {
        if (Tensors.type(tensor) != DataType.FLOAT) {
            return tensor;
        }
        if (tensor.getDataLocation() == DataLocation.EXTERNAL) {
            throw new BundleException(file + " keeps its numbers beside it, and is too large to be converted when it is"
                    + " loaded: import the fp16 files");
        }
        float[] values = Tensors.floats(tensor);
        ByteBuffer halves = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            // masks use the most negative float for "never": the most negative half means the same
            halves.putShort(Half.fromFloat(Math.max(-LARGEST, Math.min(LARGEST, value))));
        }
        return tensor.toBuilder()
                .clearFloatData()
                .setDataType(DataType.FLOAT16_VALUE)
                .setRawData(ByteString.copyFrom(halves.flip()))
                .build();
    }
}

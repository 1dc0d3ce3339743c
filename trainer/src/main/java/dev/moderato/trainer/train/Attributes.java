package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The constant arguments of a node, by name. */
final class Attributes {
    private final Map<String, AttributeProto> byName = new HashMap<>();

    Attributes(List<AttributeProto> attributes) {
        for (AttributeProto attribute : attributes) {
            byName.put(attribute.getName(), attribute);
        }
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }

    long integer(String name, long orElse) {
        AttributeProto attribute = byName.get(name);
        return attribute == null ? orElse : attribute.getI();
    }

    double real(String name, double orElse) {
        AttributeProto attribute = byName.get(name);
        return attribute == null ? orElse : attribute.getF();
    }

    String text(String name, String orElse) {
        AttributeProto attribute = byName.get(name);
        return attribute == null ? orElse : attribute.getS().toStringUtf8();
    }

    long @Nullable [] integers(String name) {
        AttributeProto attribute = byName.get(name);
        return attribute == null
                ? null
                : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    long[] integers(String name, long... orElse) {
        long[] values = integers(name);
        return values == null ? orElse : values;
    }

    /** The value of a Constant or ConstantOfShape node as a tensor, whichever attribute holds it. */
    @Nullable
    TensorProto constant() {
        for (AttributeProto attribute : byName.values()) {
            TensorProto.Builder tensor = TensorProto.newBuilder();
            switch (attribute.getName()) {
                case "value" -> {
                    return attribute.getT();
                }
                case "value_float" -> {
                    return tensor.setDataType(TensorProto.DataType.FLOAT_VALUE)
                            .addFloatData(attribute.getF())
                            .build();
                }
                case "value_floats" -> {
                    return tensor.setDataType(TensorProto.DataType.FLOAT_VALUE)
                            .addAllFloatData(attribute.getFloatsList())
                            .addDims(attribute.getFloatsCount())
                            .build();
                }
                case "value_int" -> {
                    return tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                            .addInt64Data(attribute.getI())
                            .build();
                }
                case "value_ints" -> {
                    return tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                            .addAllInt64Data(attribute.getIntsList())
                            .addDims(attribute.getIntsCount())
                            .build();
                }
                default -> {}
            }
        }
        return null;
    }
}

package dev.moderato.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorsTest {
    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"})
    void floatsKeepTheirTypeWhenTheyAreReplaced(DataType type) {
        TensorProto tensor = typed(type).addDims(3).build();
        assertThat(Tensors.floats(tensor)).containsExactly(1f, -2f, 0.5f);
        assertThat(Tensors.doubles(tensor)).containsExactly(1, -2, 0.5);

        TensorProto replaced = Tensors.withFloats(tensor, new float[] {4, 0.25f, -8});
        assertThat(Tensors.type(replaced)).isEqualTo(type);
        assertThat(replaced.getRawData().size()).isEqualTo(3 * Tensors.width(type));
        assertThat(Tensors.floats(replaced)).containsExactly(4f, 0.25f, -8f);
    }

    private static TensorProto.Builder typed(DataType type) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("w").setDataType(type.getNumber());
        return switch (type) {
            case FLOAT -> tensor.addAllFloatData(List.of(1f, -2f, 0.5f));
            case DOUBLE -> tensor.addAllDoubleData(List.of(1.0, -2.0, 0.5));
            case FLOAT16 -> tensor.addAllInt32Data(List.of(0x3c00, 0xc000, 0x3800));
            default -> tensor.addAllInt32Data(List.of(0x3f80, 0xc000, 0x3f00));
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"INT8", "INT16", "INT32", "INT64"})
    void signedIntegersAreReadFromBothForms(DataType type) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setDataType(type.getNumber()).addDims(2);
        if (type == DataType.INT64) {
            tensor.addInt64Data(-5).addInt64Data(7);
        } else {
            tensor.addInt32Data(-5).addInt32Data(7);
        }
        assertThat(Tensors.longs(tensor.build())).containsExactly(-5, 7);
        TensorProto raw = Tensors.withoutNumbers(tensor.build())
                .setRawData(Tensors.rawBytes(tensor.build()))
                .build();
        assertThat(raw.getRawData().size()).isEqualTo(2 * Tensors.width(type));
        assertThat(Tensors.longs(raw)).containsExactly(-5, 7);
        assertThat(Tensors.floats(raw)).containsExactly(-5f, 7f);
    }

    @ParameterizedTest
    @EnumSource(names = {"UINT8", "UINT16", "UINT32"})
    void unsignedIntegersStayPositive(DataType type) {
        byte[] ones = new byte[Tensors.width(type)];
        java.util.Arrays.fill(ones, (byte) 0xff);
        TensorProto tensor = TensorProto.newBuilder()
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(ones))
                .build();
        assertThat(Tensors.longs(tensor)).containsExactly((1L << (8 * ones.length)) - 1);
    }

    @Test
    void fourBitIntegersAreUnpackedLowNibbleFirst() {
        TensorProto tensor = TensorProto.newBuilder()
                .setDataType(DataType.INT4_VALUE)
                .addDims(3)
                .setRawData(ByteString.copyFrom(new byte[] {(byte) 0xf7, 0x02}))
                .build();
        assertThat(Tensors.longs(tensor)).containsExactly(7, -1, 2);
    }

    @Test
    void arraysBecomeTensorsAndComeBack() {
        assertThat(Tensors.floats(Tensors.ofFloats("f", new float[] {1, 2}, 2, 1)))
                .containsExactly(1, 2);
        assertThat(Tensors.longs(Tensors.ofLongs("l", new long[] {Long.MIN_VALUE, 3}, 2)))
                .containsExactly(Long.MIN_VALUE, 3);
        assertThat(Tensors.longs(Tensors.ofInts("i", new int[] {-9}, 1))).containsExactly(-9);
        assertThat(Tensors.longs(Tensors.ofBytes("b", new byte[] {-1}, 1))).containsExactly(255);
        assertThat(Tensors.doubles(Tensors.ofDoubles("d", new double[] {Math.PI})))
                .containsExactly(Math.PI);
    }

    @Test
    void saysWhichTensorHasTheWrongNumberOfNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensors.ofFloats("w", new float[3], 2, 2))
                .withMessage("tensor 'w' of shape [2, 2] takes 4 numbers, not 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensors.floats(TensorProto.newBuilder()
                        .setName("w")
                        .setDataType(DataType.FLOAT_VALUE)
                        .addDims(2)
                        .setRawData(ByteString.copyFrom(new byte[4]))
                        .build()))
                .withMessage("tensor 'w' has 4 bytes; its shape and type need 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensors.longs(TensorProto.newBuilder()
                        .setName("n")
                        .setDataType(DataType.INT32_VALUE)
                        .addInt32Data(1)
                        .addInt32Data(2)
                        .build()))
                .withMessage("tensor 'n' has more numbers than its shape and type need");
    }

    @Test
    void refusesToReadStringsAsNumbers() {
        TensorProto tensor = TensorProto.newBuilder()
                .setName("s")
                .setDataType(DataType.STRING_VALUE)
                .addStringData(ByteString.copyFromUtf8("x"))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensors.floats(tensor))
                .withMessage("tensor 's' of type STRING cannot be read or written as integers");
    }
}

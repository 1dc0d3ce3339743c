package dev.moderato.trainer.train;

import com.google.protobuf.ByteString;
import dev.moderato.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Moves numbers between Java, ONNX and libtorch. */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class Tensors {
    private Tensors() {}

    static Tensor of(float[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Float), new MemoryFormatOptional());
        tensor.data_ptr_float().put(values);
        return tensor;
    }

    /** A matrix of rows of one length, at least one. */
    static Tensor rows(float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return of(flat, rows.length, rows[0].length);
    }

    static Tensor of(long[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Long), new MemoryFormatOptional());
        tensor.data_ptr_long().put(values);
        return tensor;
    }

    static Tensor of(byte[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Byte), new MemoryFormatOptional());
        new BytePointer(tensor.data_ptr()).put(values);
        return tensor;
    }

    static Tensor vector(long... values) {
        return of(values, values.length);
    }

    static float[] floats(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = tensor.detach().cpu().to(ScalarType.Float).contiguous();
            float[] values = new float[Math.toIntExact(plain.numel())];
            plain.data_ptr_float().get(values);
            return values;
        }
    }

    static long[] longs(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = tensor.detach().cpu().to(ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(plain.numel())];
            plain.data_ptr_long().get(values);
            return values;
        }
    }

    /** The tensor in the form in which the executor computes: half and bfloat16 become float32. */
    static Tensor read(TensorProto proto, String what) {
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        ScalarType stored = scalarType(proto.getDataType(), what);
        Tensor tensor = torch.empty(shape, new TensorOptions(stored), new MemoryFormatOptional());
        ByteBuffer bytes = bytes(tensor);
        if (proto.hasRawData()) {
            ByteString raw = proto.getRawData();
            if (raw.size() != bytes.remaining()) {
                throw new GraphException(what + ": " + raw.size() + " bytes of data where its shape needs "
                        + bytes.remaining() + "; the file is damaged");
            }
            raw.copyTo(bytes);
        } else {
            readTyped(proto, stored, bytes, what);
        }
        return stored == ScalarType.Half || stored == ScalarType.BFloat16 ? tensor.to(ScalarType.Float) : tensor;
    }

    private static void readTyped(TensorProto proto, ScalarType stored, ByteBuffer bytes, String what) {
        int count = switch (stored) {
            case Float -> proto.getFloatDataCount();
            case Double -> proto.getDoubleDataCount();
            case Long -> proto.getInt64DataCount();
            default -> proto.getInt32DataCount();
        };
        int width = switch (stored) {
            case Double, Long -> 8;
            case Float, Int -> 4;
            case Half, BFloat16, Short -> 2;
            default -> 1;
        };
        if (count * width != bytes.remaining()) {
            throw new GraphException(what + ": " + count + " numbers where its shape needs " + bytes.remaining() / width
                    + "; the file is damaged or its external data was not read");
        }
        for (int i = 0; i < count; i++) {
            switch (stored) {
                case Float -> bytes.putFloat(proto.getFloatData(i));
                case Double -> bytes.putDouble(proto.getDoubleData(i));
                case Long -> bytes.putLong(proto.getInt64Data(i));
                case Int -> bytes.putInt(proto.getInt32Data(i));
                case Half, BFloat16, Short -> bytes.putShort((short) proto.getInt32Data(i));
                default -> bytes.put((byte) proto.getInt32Data(i));
            }
        }
    }

    /** The initializer with the tensor's numbers, in the data type that the initializer has. */
    static TensorProto write(TensorProto into, Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            ScalarType stored = scalarType(into.getDataType(), into.getName());
            Tensor plain = tensor.detach().cpu().to(stored).contiguous();
            return into.toBuilder()
                    .clearFloatData()
                    .clearDoubleData()
                    .clearInt32Data()
                    .clearInt64Data()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(ByteString.copyFrom(bytes(plain)))
                    .build();
        }
    }

    private static ByteBuffer bytes(Tensor tensor) {
        // The numbers stay where libtorch keeps them; the buffer is valid while the tensor is.
        if (tensor.nbytes() == 0) {
            return ByteBuffer.allocate(0);
        }
        BytePointer pointer = new BytePointer(tensor.data_ptr());
        return pointer.capacity(tensor.nbytes()).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    static ScalarType scalarType(int onnxType, String what) {
        TensorProto.DataType type = TensorProto.DataType.forNumber(onnxType);
        if (type != null) {
            switch (type) {
                case FLOAT -> {
                    return ScalarType.Float;
                }
                case FLOAT16 -> {
                    return ScalarType.Half;
                }
                case BFLOAT16 -> {
                    return ScalarType.BFloat16;
                }
                case DOUBLE -> {
                    return ScalarType.Double;
                }
                case INT64 -> {
                    return ScalarType.Long;
                }
                case INT32 -> {
                    return ScalarType.Int;
                }
                case INT16 -> {
                    return ScalarType.Short;
                }
                case INT8 -> {
                    return ScalarType.Char;
                }
                case UINT8 -> {
                    return ScalarType.Byte;
                }
                case BOOL -> {
                    return ScalarType.Bool;
                }
                default -> {}
            }
        }
        throw new GraphException(what + ": data type " + (type == null ? onnxType : type) + " is not supported");
    }

    /** The type in which a value of the ONNX type is computed: reduced floats are computed in float32. */
    static ScalarType computedType(int onnxType, String what) {
        ScalarType type = scalarType(onnxType, what);
        return type == ScalarType.Half || type == ScalarType.BFloat16 ? ScalarType.Float : type;
    }

    static Scalar scalar(double value) {
        return new Scalar(value);
    }

    static Scalar scalar(long value) {
        return new Scalar(value);
    }

    static TensorOptional optional(Tensor tensor) {
        return new TensorOptional(tensor);
    }

    static TensorOptional none() {
        return new TensorOptional();
    }

    /** Runs without recording gradients. */
    static <T> T withoutGradient(Supplier<T> body) {
        boolean before = GradMode.is_enabled();
        GradMode.set_enabled(false);
        try {
            return body.get();
        } finally {
            GradMode.set_enabled(before);
        }
    }
}

package dev.moderato.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tensors to arrays and back. An array is in row-major order. Numbers are read from the typed fields or from
 * {@code raw_data}; external data has to be resolved first ({@link OnnxFile#read}). What is written uses
 * {@code raw_data}.
 */
public final class Tensors {
    private Tensors() {}

    /** The data type, or UNDEFINED for one of a later version of the format. */
    public static DataType type(TensorProto tensor) {
        DataType type = DataType.forNumber(tensor.getDataType());
        return type == null ? DataType.UNDEFINED : type;
    }

    /** The product of the dimensions; 1 for a scalar. */
    public static int elements(TensorProto tensor) {
        long count = 1;
        for (long dim : tensor.getDimsList()) {
            if (dim < 0) {
                throw new IllegalArgumentException(where(tensor) + " has a negative dimension " + dim);
            }
            count = Math.multiplyExact(count, dim);
        }
        return Math.toIntExact(count);
    }

    /** Whether the numbers are one of the float types that have a sign, an exponent and at least 8 bits of their own. */
    public static boolean isFloat(TensorProto tensor) {
        return switch (type(tensor)) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
            default -> false;
        };
    }

    static boolean isNumeric(TensorProto tensor) {
        return width(type(tensor)) > 0;
    }

    /** Bytes of an element; 0 where elements have no bytes of their own (strings, 4-bit types, unknown types). */
    static int width(DataType type) {
        return switch (type) {
            case UINT8, INT8, BOOL, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> 1;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 2;
            case FLOAT, INT32, UINT32 -> 4;
            case DOUBLE, INT64, UINT64, COMPLEX64 -> 8;
            case COMPLEX128 -> 16;
            case UNDEFINED, STRING, UINT4, INT4, FLOAT4E2M1 -> 0;
        };
    }

    /** The size of the numbers in {@code raw_data} or in an external file. */
    static long byteSize(TensorProto tensor) {
        DataType type = type(tensor);
        return switch (type) {
            case UINT4, INT4, FLOAT4E2M1 -> (elements(tensor) + 1L) / 2;
            case STRING, UNDEFINED -> throw unsupported(tensor, "raw bytes");
            default -> (long) elements(tensor) * width(type);
        };
    }

    /** Values of any float type, and of integers where a float holds them; doubles are rounded. */
    public static float[] floats(TensorProto tensor) {
        DataType type = type(tensor);
        float[] values = new float[elements(tensor)];
        if (!tensor.hasRawData() && type == DataType.FLOAT) {
            requireCount(tensor, tensor.getFloatDataCount());
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
            return values;
        }
        if (isFloat(tensor)) {
            ByteBuffer bytes = buffer(tensor);
            switch (type) {
                case FLOAT -> bytes.asFloatBuffer().get(values);
                case DOUBLE -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) bytes.getDouble();
                    }
                }
                case FLOAT16 -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Half.toFloat(bytes.getShort());
                    }
                }
                default -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = Half.brainToFloat(bytes.getShort());
                    }
                }
            }
            return values;
        }
        long[] integers = longs(tensor);
        for (int i = 0; i < values.length; i++) {
            values[i] = integers[i];
        }
        return values;
    }

    /** Values of any float or integer type. */
    public static double[] doubles(TensorProto tensor) {
        double[] values = new double[elements(tensor)];
        switch (type(tensor)) {
            case DOUBLE -> buffer(tensor).asDoubleBuffer().get(values);
            case FLOAT, FLOAT16, BFLOAT16 -> {
                float[] floats = floats(tensor);
                for (int i = 0; i < values.length; i++) {
                    values[i] = floats[i];
                }
            }
            default -> {
                long[] integers = longs(tensor);
                for (int i = 0; i < values.length; i++) {
                    values[i] = integers[i];
                }
            }
        }
        return values;
    }

    /** Values of any integer type, and bools as 0 or 1. An unsigned 64-bit value keeps its bits. */
    public static long[] longs(TensorProto tensor) {
        long[] values = new long[elements(tensor)];
        DataType type = type(tensor);
        switch (type) {
            case INT64, UINT64, INT32, UINT32, INT16, UINT16, INT8, UINT8, BOOL -> {
                ByteBuffer bytes = buffer(tensor);
                for (int i = 0; i < values.length; i++) {
                    values[i] = nextInteger(bytes, type);
                }
            }
            case INT4, UINT4 -> {
                ByteBuffer bytes = buffer(tensor);
                for (int i = 0; i < values.length; i++) {
                    int nibble = (bytes.get(i / 2) >> (4 * (i % 2))) & 0xf;
                    values[i] = type == DataType.INT4 ? (nibble << 28) >> 28 : nibble;
                }
            }
            default -> throw unsupported(tensor, "integers");
        }
        return values;
    }

    private static long nextInteger(ByteBuffer bytes, DataType type) {
        return switch (type) {
            case INT64, UINT64 -> bytes.getLong();
            case INT32 -> bytes.getInt();
            case UINT32 -> bytes.getInt() & 0xffffffffL;
            case INT16 -> bytes.getShort();
            case UINT16 -> bytes.getShort() & 0xffff;
            case INT8 -> bytes.get();
            case UINT8 -> bytes.get() & 0xff;
            default -> bytes.get() != 0 ? 1 : 0;
        };
    }

    /** A float32 tensor. */
    public static TensorProto ofFloats(String name, float[] values, long... dims) {
        ByteBuffer bytes = allocate(4L * values.length);
        bytes.asFloatBuffer().put(values);
        return tensor(name, DataType.FLOAT, bytes, values.length, dims);
    }

    /** A float64 tensor. */
    public static TensorProto ofDoubles(String name, double[] values, long... dims) {
        ByteBuffer bytes = allocate(8L * values.length);
        bytes.asDoubleBuffer().put(values);
        return tensor(name, DataType.DOUBLE, bytes, values.length, dims);
    }

    /** An int64 tensor. */
    public static TensorProto ofLongs(String name, long[] values, long... dims) {
        ByteBuffer bytes = allocate(8L * values.length);
        bytes.asLongBuffer().put(values);
        return tensor(name, DataType.INT64, bytes, values.length, dims);
    }

    /** An int32 tensor. */
    public static TensorProto ofInts(String name, int[] values, long... dims) {
        ByteBuffer bytes = allocate(4L * values.length);
        bytes.asIntBuffer().put(values);
        return tensor(name, DataType.INT32, bytes, values.length, dims);
    }

    /** A uint8 tensor. */
    public static TensorProto ofBytes(String name, byte[] values, long... dims) {
        return tensor(name, DataType.UINT8, ByteBuffer.wrap(values.clone()), values.length, dims);
    }

    /**
     * The same tensor, of the same name, shape and float type, with other numbers, rounded to that type.
     *
     * @throws IllegalArgumentException where the tensor is of no float type or the count differs
     */
    public static TensorProto withFloats(TensorProto tensor, float[] values) {
        requireCount(tensor, values.length);
        DataType type = type(tensor);
        if (!isFloat(tensor)) {
            throw unsupported(tensor, "floats");
        }
        ByteBuffer bytes = allocate((long) values.length * width(type));
        for (float value : values) {
            switch (type) {
                case FLOAT -> bytes.putFloat(value);
                case DOUBLE -> bytes.putDouble(value);
                case FLOAT16 -> bytes.putShort(Half.fromFloat(value));
                default -> bytes.putShort(Half.brainFromFloat(value));
            }
        }
        return withoutNumbers(tensor)
                .setRawData(UnsafeByteOperations.unsafeWrap(bytes.flip()))
                .build();
    }

    static TensorProto.Builder withoutNumbers(TensorProto tensor) {
        return tensor.toBuilder()
                .clearRawData()
                .clearFloatData()
                .clearInt32Data()
                .clearInt64Data()
                .clearDoubleData()
                .clearUint64Data()
                .clearExternalData()
                .clearDataLocation();
    }

    /** The numbers as little-endian bytes, wherever the tensor holds them. */
    static ByteString rawBytes(TensorProto tensor) {
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            throw new IllegalArgumentException(where(tensor) + " has external data that is not loaded");
        }
        if (tensor.hasRawData()) {
            if (tensor.getRawData().size() != byteSize(tensor)) {
                throw new IllegalArgumentException(where(tensor) + " has "
                        + tensor.getRawData().size() + " bytes; its shape and type need " + byteSize(tensor));
            }
            return tensor.getRawData();
        }
        ByteBuffer bytes = allocate(byteSize(tensor));
        try {
            putTyped(tensor, bytes);
        } catch (BufferOverflowException e) {
            throw new IllegalArgumentException(where(tensor) + " has more numbers than its shape and type need", e);
        }
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException(where(tensor) + " has " + bytes.position()
                    + " bytes of numbers; its shape" + " and type need " + bytes.capacity());
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    private static void putTyped(TensorProto tensor, ByteBuffer bytes) {
        switch (type(tensor)) {
            case FLOAT, COMPLEX64 -> tensor.getFloatDataList().forEach(bytes::putFloat);
            case DOUBLE, COMPLEX128 -> tensor.getDoubleDataList().forEach(bytes::putDouble);
            case INT64 -> tensor.getInt64DataList().forEach(bytes::putLong);
            case UINT64 -> tensor.getUint64DataList().forEach(bytes::putLong);
            case UINT32 -> tensor.getUint64DataList().forEach(value -> bytes.putInt(value.intValue()));
            case INT32 -> tensor.getInt32DataList().forEach(bytes::putInt);
            case INT16, UINT16, FLOAT16, BFLOAT16 ->
                tensor.getInt32DataList().forEach(value -> bytes.putShort(value.shortValue()));
            default -> tensor.getInt32DataList().forEach(value -> bytes.put(value.byteValue()));
        }
    }

    private static ByteBuffer buffer(TensorProto tensor) {
        return rawBytes(tensor).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static TensorProto tensor(String name, DataType type, ByteBuffer bytes, int count, long... dims) {
        TensorProto.Builder builder = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (long dim : dims) {
            builder.addDims(dim);
        }
        TensorProto tensor = builder.setRawData(UnsafeByteOperations.unsafeWrap(bytes.rewind()))
                .build();
        requireCount(tensor, count);
        return tensor;
    }

    private static void requireCount(TensorProto tensor, int count) {
        if (count != elements(tensor)) {
            throw new IllegalArgumentException(where(tensor) + " of shape " + tensor.getDimsList() + " takes "
                    + elements(tensor) + " numbers, not " + count);
        }
    }

    private static IllegalArgumentException unsupported(TensorProto tensor, String wanted) {
        return new IllegalArgumentException(
                where(tensor) + " of type " + type(tensor) + " cannot be read or written as " + wanted);
    }

    private static String where(TensorProto tensor) {
        return "tensor '" + tensor.getName() + "'";
    }
}

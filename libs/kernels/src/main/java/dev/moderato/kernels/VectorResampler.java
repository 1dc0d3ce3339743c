package dev.moderato.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A lane is a row in the horizontal pass and a column in the vertical one, so that one weight serves all lanes. For that, blocks of
 * eight rows are turned into columns by {@link #turn}, and back. The loops are small on purpose: what the compiler no longer inlines
 * it hands vectors to as objects.
 *
 * <p>Bytes are kept as signed values less 128, which widen with one instruction; the sums start at 128 times the sum of the weights,
 * which makes up for it exactly.
 */
final class VectorResampler implements Resampler {
    private static final VectorSpecies<Byte> EIGHT_BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> EIGHT_INTS = IntVector.SPECIES_256;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long SIGNS = 0x8080808080808080L;
    private static final long INTS = 0x00000000FFFFFFFFL;
    private static final long SHORTS = 0x0000FFFF0000FFFFL;
    private static final long BYTES = 0x00FF00FF00FF00FFL;

    private static final int LANES = 8;
    /** Rows of a block. */
    private static final int ROWS = LANES;
    /** Columns that the vertical pass takes at a time; rows are padded to a multiple of it. */
    private static final int TILE = 32;

    private static final int HALF = 1 << (Taps.PRECISION_BITS - 1);

    private VectorResampler() {}

    /** Narrower vectors than 256 bits would be emulated, many times slower than plain Java. */
    static Resampler createIfWide() {
        return IntVector.SPECIES_PREFERRED.length() >= LANES ? new VectorResampler() : new ScalarResampler();
    }

    @Override
    public void resample(PixelRows source, int channels, Taps horizontal, Taps vertical, Scratch scratch, byte[] out) {
        Resampler.check(channels, horizontal, vertical, out);
        int pixels = horizontal.end() - horizontal.start();
        int stride = tiled(pixels * channels);
        int width = tiled(horizontal.outputs() * channels);
        int rows = vertical.end() - vertical.start();
        byte[] block = scratch.rows(ROWS * stride);
        byte[] columns = scratch.columns(ROWS * stride);
        byte[] columnsOut = scratch.columnsOut(ROWS * width);
        int blocks = (rows + ROWS - 1) / ROWS;
        byte[] intermediate = scratch.intermediate(Math.multiplyExact(blocks * ROWS, width));
        for (int y = 0; y < rows; y += ROWS) {
            int count = Math.min(ROWS, rows - y);
            source.read(vertical.start() + y, count, horizontal.start(), pixels, block, stride);
            turn(block, stride, columns);
            if (channels == 3) {
                horizontalRgb(columns, horizontal, columnsOut);
            } else {
                horizontal(columns, channels, horizontal, columnsOut);
            }
            turnBack(columnsOut, width, intermediate, y * width);
        }
        vertical(intermediate, width, horizontal.outputs() * channels, vertical, scratch.columnsOut(width), out);
    }

    private static int tiled(int bytes) {
        return (bytes + TILE - 1) / TILE * TILE;
    }

    private static int sumOf(int[] weights, int offset, int count) {
        int sum = 0;
        for (int k = 0; k < count; k++) {
            sum += weights[offset + k];
        }
        return sum;
    }

    private static void horizontalRgb(byte[] columns, Taps taps, byte[] out) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            int count = taps.count(x);
            int bias = HALF + (sumOf(weights, offset, count) << 7);
            IntVector red = IntVector.broadcast(EIGHT_INTS, bias);
            IntVector green = IntVector.broadcast(EIGHT_INTS, bias);
            IntVector blue = IntVector.broadcast(EIGHT_INTS, bias);
            int column = (taps.first(x) - taps.start()) * 3 * ROWS;
            for (int k = 0; k < count; k++) {
                IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                int at = column + k * 3 * ROWS;
                red = red.add(widened(columns, at).mul(weight));
                green = green.add(widened(columns, at + ROWS).mul(weight));
                blue = blue.add(widened(columns, at + 2 * ROWS).mul(weight));
            }
            narrowed(red).intoArray(out, 3 * x * ROWS);
            narrowed(green).intoArray(out, (3 * x + 1) * ROWS);
            narrowed(blue).intoArray(out, (3 * x + 2) * ROWS);
        }
    }

    private static void horizontal(byte[] columns, int channels, Taps taps, byte[] out) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            int count = taps.count(x);
            int bias = HALF + (sumOf(weights, offset, count) << 7);
            for (int channel = 0; channel < channels; channel++) {
                IntVector sum = IntVector.broadcast(EIGHT_INTS, bias);
                int column = ((taps.first(x) - taps.start()) * channels + channel) * ROWS;
                for (int k = 0; k < count; k++) {
                    IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                    sum = sum.add(widened(columns, column + k * channels * ROWS).mul(weight));
                }
                narrowed(sum).intoArray(out, (x * channels + channel) * ROWS);
            }
        }
    }

    private static void vertical(byte[] rows, int stride, int width, Taps taps, byte[] line, byte[] out) {
        int[] weights = taps.weights();
        for (int y = 0; y < taps.outputs(); y++) {
            int offset = taps.offset(y);
            int count = taps.count(y);
            int top = (taps.first(y) - taps.start()) * stride;
            int bias = HALF + (sumOf(weights, offset, count) << 7);
            for (int x = 0; x < stride; x += TILE) {
                IntVector a = IntVector.broadcast(EIGHT_INTS, bias);
                IntVector b = IntVector.broadcast(EIGHT_INTS, bias);
                IntVector c = IntVector.broadcast(EIGHT_INTS, bias);
                IntVector d = IntVector.broadcast(EIGHT_INTS, bias);
                int at = top + x;
                for (int k = 0; k < count; k++) {
                    IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                    a = a.add(widened(rows, at).mul(weight));
                    b = b.add(widened(rows, at + LANES).mul(weight));
                    c = c.add(widened(rows, at + 2 * LANES).mul(weight));
                    d = d.add(widened(rows, at + 3 * LANES).mul(weight));
                    at += stride;
                }
                narrowed(a).intoArray(line, x);
                narrowed(b).intoArray(line, x + LANES);
                narrowed(c).intoArray(line, x + 2 * LANES);
                narrowed(d).intoArray(line, x + 3 * LANES);
            }
            System.arraycopy(line, 0, out, y * width, width);
        }
    }

    private static IntVector widened(byte[] bytes, int at) {
        return (IntVector)
                ByteVector.fromArray(EIGHT_BYTES, bytes, at).convertShape(VectorOperators.B2I, EIGHT_INTS, 0);
    }

    private static ByteVector narrowed(IntVector sums) {
        return (ByteVector) sums.lanewise(VectorOperators.ASHR, Taps.PRECISION_BITS)
                .max(0)
                .min(255)
                .convertShape(VectorOperators.I2B, EIGHT_BYTES, 0);
    }

    /** Turns eight rows of {@code stride} bytes into columns of eight, and unsigned bytes into signed ones. */
    private static void turn(byte[] rows, int stride, byte[] columns) {
        for (int x = 0; x < stride; x += ROWS) {
            turnTile(rows, x, stride, columns, x * ROWS, ROWS);
        }
    }

    /** Turns columns of eight bytes back into eight rows, and unsigned bytes into signed ones. */
    private static void turnBack(byte[] columns, int stride, byte[] rows, int to) {
        for (int x = 0; x < stride; x += ROWS) {
            turnTile(columns, x * ROWS, ROWS, rows, to + x, stride);
        }
    }

    /** An 8 × 8 byte matrix, transposed by exchanging quarters, then quarters of quarters, then single bytes. */
    private static void turnTile(byte[] from, int at, int stride, byte[] into, int to, int toStride) {
        long r0 = (long) LONGS.get(from, at) ^ SIGNS;
        long r1 = (long) LONGS.get(from, at + stride) ^ SIGNS;
        long r2 = (long) LONGS.get(from, at + 2 * stride) ^ SIGNS;
        long r3 = (long) LONGS.get(from, at + 3 * stride) ^ SIGNS;
        long r4 = (long) LONGS.get(from, at + 4 * stride) ^ SIGNS;
        long r5 = (long) LONGS.get(from, at + 5 * stride) ^ SIGNS;
        long r6 = (long) LONGS.get(from, at + 6 * stride) ^ SIGNS;
        long r7 = (long) LONGS.get(from, at + 7 * stride) ^ SIGNS;

        long t0 = (r0 >>> 32 ^ r4) & INTS;
        long t1 = (r1 >>> 32 ^ r5) & INTS;
        long t2 = (r2 >>> 32 ^ r6) & INTS;
        long t3 = (r3 >>> 32 ^ r7) & INTS;
        r0 ^= t0 << 32;
        r4 ^= t0;
        r1 ^= t1 << 32;
        r5 ^= t1;
        r2 ^= t2 << 32;
        r6 ^= t2;
        r3 ^= t3 << 32;
        r7 ^= t3;

        t0 = (r0 >>> 16 ^ r2) & SHORTS;
        t1 = (r1 >>> 16 ^ r3) & SHORTS;
        t2 = (r4 >>> 16 ^ r6) & SHORTS;
        t3 = (r5 >>> 16 ^ r7) & SHORTS;
        r0 ^= t0 << 16;
        r2 ^= t0;
        r1 ^= t1 << 16;
        r3 ^= t1;
        r4 ^= t2 << 16;
        r6 ^= t2;
        r5 ^= t3 << 16;
        r7 ^= t3;

        t0 = (r0 >>> 8 ^ r1) & BYTES;
        t1 = (r2 >>> 8 ^ r3) & BYTES;
        t2 = (r4 >>> 8 ^ r5) & BYTES;
        t3 = (r6 >>> 8 ^ r7) & BYTES;
        LONGS.set(into, to, r0 ^ t0 << 8);
        LONGS.set(into, to + toStride, r1 ^ t0);
        LONGS.set(into, to + 2 * toStride, r2 ^ t1 << 8);
        LONGS.set(into, to + 3 * toStride, r3 ^ t1);
        LONGS.set(into, to + 4 * toStride, r4 ^ t2 << 8);
        LONGS.set(into, to + 5 * toStride, r5 ^ t2);
        LONGS.set(into, to + 6 * toStride, r6 ^ t3 << 8);
        LONGS.set(into, to + 7 * toStride, r7 ^ t3);
    }
}

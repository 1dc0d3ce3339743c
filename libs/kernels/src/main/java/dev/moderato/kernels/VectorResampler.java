package dev.moderato.kernels;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A lane is a row in the horizontal pass and a column in the vertical one, so that one weight serves all lanes. For that, blocks of
 * sixteen rows are turned into columns of eight rows each by {@link #turn}, and back.
 *
 * <p>Bytes are kept as signed values less 128, which widen with one instruction; the sums start at 128 times the sum of the weights,
 * which makes up for it exactly.
 */
final class VectorResampler implements Resampler {
    private static final VectorSpecies<Byte> EIGHT_BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> EIGHT_INTS = IntVector.SPECIES_256;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_256;

    private static final int GROUP = 8;
    private static final int BLOCK = 2 * GROUP;
    /** Bytes of each row that one turn takes: four longs. */
    private static final int TILE = 32;

    private static final int HALF = 1 << (Taps.PRECISION_BITS - 1);

    private VectorResampler() {}

    /** Narrower vectors than 256 bits would be emulated, many times slower than plain Java. */
    static Resampler createIfWide() {
        return IntVector.SPECIES_PREFERRED.length() >= GROUP ? new VectorResampler() : new ScalarResampler();
    }

    @Override
    public void resample(PixelRows source, int channels, Taps horizontal, Taps vertical, Scratch scratch, byte[] out) {
        Resampler.check(channels, horizontal, vertical, out);
        int pixels = horizontal.end() - horizontal.start();
        int stride = tiled(pixels * channels);
        int width = tiled(horizontal.outputs() * channels);
        int rows = vertical.end() - vertical.start();
        byte[] block = scratch.rows(BLOCK * stride);
        byte[] columns = scratch.columns(BLOCK * stride);
        byte[] columnsOut = scratch.columnsOut(BLOCK * width);
        int rowsInBlocks = (rows + BLOCK - 1) / BLOCK * BLOCK;
        byte[] intermediate = scratch.intermediate(Math.multiplyExact(rowsInBlocks, width));
        for (int y = 0; y < rows; y += BLOCK) {
            int count = Math.min(BLOCK, rows - y);
            source.read(vertical.start() + y, count, horizontal.start(), pixels, block, stride);
            turn(block, 0, stride, stride, columns, 0);
            turn(block, GROUP * stride, stride, stride, columns, GROUP * stride);
            if (channels == 3) {
                horizontalRgb(columns, GROUP * stride, horizontal, columnsOut, GROUP * width);
            } else {
                horizontal(columns, GROUP * stride, channels, horizontal, columnsOut, GROUP * width);
            }
            turnBack(columnsOut, 0, width, intermediate, y * width, width);
            turnBack(columnsOut, GROUP * width, width, intermediate, (y + GROUP) * width, width);
        }
        vertical(intermediate, width, horizontal.outputs() * channels, vertical, scratch.columnsOut(width), out);
    }

    private static int tiled(int bytes) {
        return (bytes + TILE - 1) / TILE * TILE;
    }

    /** Where the eight rows of a column lie among the turned tiles. */
    private static int place(int column) {
        return column / TILE * (TILE * GROUP) + column % GROUP * TILE + column % TILE / GROUP * GROUP;
    }

    private static int sumOf(int[] weights, int offset, int count) {
        int sum = 0;
        for (int k = 0; k < count; k++) {
            sum += weights[offset + k];
        }
        return sum;
    }

    private static void horizontalRgb(byte[] columns, int group, Taps taps, byte[] out, int outGroup) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            int count = taps.count(x);
            IntVector start = IntVector.broadcast(EIGHT_INTS, HALF + (sumOf(weights, offset, count) << 7));
            IntVector a0 = start;
            IntVector a1 = start;
            IntVector b0 = start;
            IntVector b1 = start;
            IntVector c0 = start;
            IntVector c1 = start;
            int column = (taps.first(x) - taps.start()) * 3;
            for (int k = 0; k < count; k++) {
                IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                int a = place(column);
                int b = place(column + 1);
                int c = place(column + 2);
                column += 3;
                a0 = a0.add(widened(columns, a).mul(weight));
                a1 = a1.add(widened(columns, a + group).mul(weight));
                b0 = b0.add(widened(columns, b).mul(weight));
                b1 = b1.add(widened(columns, b + group).mul(weight));
                c0 = c0.add(widened(columns, c).mul(weight));
                c1 = c1.add(widened(columns, c + group).mul(weight));
            }
            int a = place(3 * x);
            int b = place(3 * x + 1);
            int c = place(3 * x + 2);
            narrowed(a0).intoArray(out, a);
            narrowed(a1).intoArray(out, a + outGroup);
            narrowed(b0).intoArray(out, b);
            narrowed(b1).intoArray(out, b + outGroup);
            narrowed(c0).intoArray(out, c);
            narrowed(c1).intoArray(out, c + outGroup);
        }
    }

    private static void horizontal(byte[] columns, int group, int channels, Taps taps, byte[] out, int outGroup) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            int count = taps.count(x);
            IntVector start = IntVector.broadcast(EIGHT_INTS, HALF + (sumOf(weights, offset, count) << 7));
            for (int channel = 0; channel < channels; channel++) {
                IntVector a0 = start;
                IntVector a1 = start;
                int column = (taps.first(x) - taps.start()) * channels + channel;
                for (int k = 0; k < count; k++) {
                    IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                    int a = place(column);
                    column += channels;
                    a0 = a0.add(widened(columns, a).mul(weight));
                    a1 = a1.add(widened(columns, a + group).mul(weight));
                }
                int a = place(channels * x + channel);
                narrowed(a0).intoArray(out, a);
                narrowed(a1).intoArray(out, a + outGroup);
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
                IntVector b = a;
                IntVector c = a;
                IntVector d = a;
                int at = top + x;
                for (int k = 0; k < count; k++) {
                    IntVector weight = IntVector.broadcast(EIGHT_INTS, weights[offset + k]);
                    a = a.add(widened(rows, at).mul(weight));
                    b = b.add(widened(rows, at + GROUP).mul(weight));
                    c = c.add(widened(rows, at + 2 * GROUP).mul(weight));
                    d = d.add(widened(rows, at + 3 * GROUP).mul(weight));
                    at += stride;
                }
                narrowed(a).intoArray(line, x);
                narrowed(b).intoArray(line, x + GROUP);
                narrowed(c).intoArray(line, x + 2 * GROUP);
                narrowed(d).intoArray(line, x + 3 * GROUP);
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

    /**
     * Turns eight rows of tiles into columns, and unsigned bytes into signed ones.
     *
     * @param bytes of each row, a multiple of {@value #TILE}
     */
    private static void turn(byte[] from, int at, int stride, int bytes, byte[] into, int to) {
        for (int x = 0; x < bytes; x += TILE) {
            int row = at + x;
            turnTile(from, row, stride, into, to + x * GROUP, TILE);
        }
    }

    /** Turns columns back into eight rows of tiles, and unsigned bytes into signed ones. */
    private static void turnBack(byte[] from, int at, int bytes, byte[] into, int to, int stride) {
        for (int x = 0; x < bytes; x += TILE) {
            turnTile(from, at + x * GROUP, TILE, into, to + x, stride);
        }
    }

    /** Four 8 × 8 byte matrices side by side, transposed by three rounds of exchanges between the rows of a pair. */
    private static void turnTile(byte[] from, int at, int stride, byte[] into, int to, int toStride) {
        LongVector r0 = longs(from, at);
        LongVector r1 = longs(from, at + stride);
        LongVector r2 = longs(from, at + 2 * stride);
        LongVector r3 = longs(from, at + 3 * stride);
        LongVector r4 = longs(from, at + 4 * stride);
        LongVector r5 = longs(from, at + 5 * stride);
        LongVector r6 = longs(from, at + 6 * stride);
        LongVector r7 = longs(from, at + 7 * stride);

        LongVector t = exchange(r0, r4, 32, 0x00000000FFFFFFFFL);
        r4 = r4.lanewise(VectorOperators.XOR, t);
        r0 = r0.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 32));
        t = exchange(r1, r5, 32, 0x00000000FFFFFFFFL);
        r5 = r5.lanewise(VectorOperators.XOR, t);
        r1 = r1.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 32));
        t = exchange(r2, r6, 32, 0x00000000FFFFFFFFL);
        r6 = r6.lanewise(VectorOperators.XOR, t);
        r2 = r2.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 32));
        t = exchange(r3, r7, 32, 0x00000000FFFFFFFFL);
        r7 = r7.lanewise(VectorOperators.XOR, t);
        r3 = r3.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 32));

        t = exchange(r0, r2, 16, 0x0000FFFF0000FFFFL);
        r2 = r2.lanewise(VectorOperators.XOR, t);
        r0 = r0.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 16));
        t = exchange(r1, r3, 16, 0x0000FFFF0000FFFFL);
        r3 = r3.lanewise(VectorOperators.XOR, t);
        r1 = r1.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 16));
        t = exchange(r4, r6, 16, 0x0000FFFF0000FFFFL);
        r6 = r6.lanewise(VectorOperators.XOR, t);
        r4 = r4.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 16));
        t = exchange(r5, r7, 16, 0x0000FFFF0000FFFFL);
        r7 = r7.lanewise(VectorOperators.XOR, t);
        r5 = r5.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 16));

        t = exchange(r0, r1, 8, 0x00FF00FF00FF00FFL);
        signed(r1.lanewise(VectorOperators.XOR, t), into, to + toStride);
        signed(r0.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 8)), into, to);
        t = exchange(r2, r3, 8, 0x00FF00FF00FF00FFL);
        signed(r3.lanewise(VectorOperators.XOR, t), into, to + 3 * toStride);
        signed(r2.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 8)), into, to + 2 * toStride);
        t = exchange(r4, r5, 8, 0x00FF00FF00FF00FFL);
        signed(r5.lanewise(VectorOperators.XOR, t), into, to + 5 * toStride);
        signed(r4.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 8)), into, to + 4 * toStride);
        t = exchange(r6, r7, 8, 0x00FF00FF00FF00FFL);
        signed(r7.lanewise(VectorOperators.XOR, t), into, to + 7 * toStride);
        signed(r6.lanewise(VectorOperators.XOR, t.lanewise(VectorOperators.LSHL, 8)), into, to + 6 * toStride);
    }

    private static LongVector longs(byte[] from, int at) {
        return ByteVector.fromArray(BYTES, from, at).reinterpretAsLongs();
    }

    /** The bits in which the upper part of each unit of {@code low} differs from the lower part of {@code high}. */
    private static LongVector exchange(LongVector low, LongVector high, int bits, long mask) {
        return low.lanewise(VectorOperators.LSHR, bits)
                .lanewise(VectorOperators.XOR, high)
                .lanewise(VectorOperators.AND, mask);
    }

    private static void signed(LongVector row, byte[] into, int to) {
        row.lanewise(VectorOperators.XOR, 0x8080808080808080L)
                .reinterpretAsBytes()
                .intoArray(into, to);
    }
}

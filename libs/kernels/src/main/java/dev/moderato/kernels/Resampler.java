package dev.moderato.kernels;

import java.util.Objects;

/**
 * Pillow's two-pass resize of 8-bit images, bit for bit: horizontally into bytes, then vertically, each sum in 22-bit fixed point,
 * rounded and clipped. Only the source pixels that the wanted outputs need are read. Implementations are stateless and may be
 * shared between threads; the scratch may not.
 */
public sealed interface Resampler permits ScalarResampler, VectorResampler {
    /** The fastest implementation that this JVM can run. */
    static Resampler create() {
        return VectorModule.present() ? VectorResampler.createIfWide() : new ScalarResampler();
    }

    /**
     * Resizes.
     *
     * @param channels interleaved bytes a pixel, 1 to 4
     * @param horizontal which columns of the source make which columns of the output
     * @param vertical likewise for rows
     * @param out receives {@code vertical.outputs() × horizontal.outputs() × channels} bytes, rows from the top
     */
    void resample(PixelRows source, int channels, Taps horizontal, Taps vertical, Scratch scratch, byte[] out);

    /** The bounds that every implementation checks before it starts. */
    static void check(int channels, Taps horizontal, Taps vertical, byte[] out) {
        Objects.checkIndex(channels - 1, 4);
        Objects.checkFromIndexSize(0, horizontal.outputs() * vertical.outputs() * channels, out.length);
    }

    /** Buffers that one thread uses again and again; they grow to the largest image seen. */
    final class Scratch {
        private byte[] rows = {};
        private byte[] columns = {};
        private byte[] columnsOut = {};
        private byte[] intermediate = {};
        private int[] sums = {};

        byte[] rows(int length) {
            rows = atLeast(rows, length);
            return rows;
        }

        byte[] columns(int length) {
            columns = atLeast(columns, length);
            return columns;
        }

        byte[] columnsOut(int length) {
            columnsOut = atLeast(columnsOut, length);
            return columnsOut;
        }

        byte[] intermediate(int length) {
            intermediate = atLeast(intermediate, length);
            return intermediate;
        }

        int[] sums(int length) {
            if (sums.length < length) {
                sums = new int[length];
            }
            return sums;
        }

        /** How many bytes the buffers hold. */
        public long bytes() {
            return (long) rows.length + columns.length + columnsOut.length + intermediate.length + 4L * sums.length;
        }

        private static byte[] atLeast(byte[] buffer, int length) {
            return buffer.length < length ? new byte[length] : buffer;
        }
    }
}

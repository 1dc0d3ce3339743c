package dev.moderato.kernels;

import java.util.Arrays;

/** Plain Java, one row at a time. */
final class ScalarResampler implements Resampler {
    private static final int HALF = 1 << (Taps.PRECISION_BITS - 1);

    @Override
    public void resample(PixelRows source, int channels, Taps horizontal, Taps vertical, Scratch scratch, byte[] out) {
        Resampler.check(channels, horizontal, vertical, out);
        int pixels = horizontal.end() - horizontal.start();
        int width = horizontal.outputs() * channels;
        int rows = vertical.end() - vertical.start();
        byte[] row = scratch.rows(pixels * channels);
        byte[] intermediate = scratch.intermediate(Math.multiplyExact(rows, width));
        for (int y = 0; y < rows; y++) {
            source.read(vertical.start() + y, 1, horizontal.start(), pixels, row, pixels * channels);
            if (channels == 3) {
                horizontalRgb(row, horizontal, intermediate, y * width);
            } else {
                horizontal(row, channels, horizontal, intermediate, y * width);
            }
        }
        vertical(intermediate, width, vertical, scratch.sums(width), out);
    }

    private static void horizontalRgb(byte[] row, Taps taps, byte[] into, int to) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            int at = (taps.first(x) - taps.start()) * 3;
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int k = 0; k < taps.count(x); k++) {
                int weight = weights[offset + k];
                red += (row[at] & 0xff) * weight;
                green += (row[at + 1] & 0xff) * weight;
                blue += (row[at + 2] & 0xff) * weight;
                at += 3;
            }
            into[to + 3 * x] = clip(red);
            into[to + 3 * x + 1] = clip(green);
            into[to + 3 * x + 2] = clip(blue);
        }
    }

    private static void horizontal(byte[] row, int channels, Taps taps, byte[] into, int to) {
        int[] weights = taps.weights();
        for (int x = 0; x < taps.outputs(); x++) {
            int offset = taps.offset(x);
            for (int channel = 0; channel < channels; channel++) {
                int at = (taps.first(x) - taps.start()) * channels + channel;
                int sum = HALF;
                for (int k = 0; k < taps.count(x); k++) {
                    sum += (row[at + k * channels] & 0xff) * weights[offset + k];
                }
                into[to + x * channels + channel] = clip(sum);
            }
        }
    }

    private static void vertical(byte[] rows, int width, Taps taps, int[] sums, byte[] out) {
        int[] weights = taps.weights();
        for (int y = 0; y < taps.outputs(); y++) {
            Arrays.fill(sums, 0, width, HALF);
            for (int k = 0; k < taps.count(y); k++) {
                accumulate(rows, (taps.first(y) - taps.start() + k) * width, weights[taps.offset(y) + k], sums, width);
            }
            for (int i = 0; i < width; i++) {
                out[y * width + i] = clip(sums[i]);
            }
        }
    }

    private static void accumulate(byte[] row, int at, int weight, int[] sums, int width) {
        for (int i = 0; i < width; i++) {
            sums[i] += (row[at + i] & 0xff) * weight;
        }
    }

    private static byte clip(int sum) {
        return (byte) Math.min(Math.max(sum >> Taps.PRECISION_BITS, 0), 255);
    }
}

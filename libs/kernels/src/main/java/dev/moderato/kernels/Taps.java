package dev.moderato.kernels;

/**
 * One axis of a resize: which source pixels make each output pixel, and with what weights. The arithmetic is Pillow's
 * (Resample.c, precompute_coeffs and normalize_coeffs_8bpc), so that results are its own bit for bit.
 */
public final class Taps {
    /** Weights are integers in units of 2⁻²²: eight bits of pixel, two of headroom, and the sign stay free. */
    static final int PRECISION_BITS = 32 - 8 - 2;

    private final int[] first;
    private final int[] count;
    private final int[] weights;
    private final int stride;
    private final int start;
    private final int end;

    private Taps(int[] first, int[] count, int[] weights, int stride) {
        this.first = first;
        this.count = count;
        this.weights = weights;
        this.stride = stride;
        int low = Integer.MAX_VALUE;
        int high = 0;
        for (int i = 0; i < first.length; i++) {
            low = Math.min(low, first[i]);
            high = Math.max(high, first[i] + count[i]);
        }
        this.start = low;
        this.end = high;
    }

    /**
     * The taps of output pixels {@code from} to {@code to} (exclusive) of a resize of {@code in} pixels to {@code out}. Only those are
     * computed, however long the whole output would be.
     */
    public static Taps of(Filter filter, int in, int out, int from, int to) {
        if (in < 1 || out < 1 || from < 0 || from >= to || to > out) {
            throw new IllegalArgumentException(
                    "no resize of " + in + " to " + out + " pixels has the outputs " + from + " to " + to);
        }
        return filter == Filter.NEAREST ? nearest(in, out, from, to) : antialiased(filter, in, out, from, to);
    }

    private static Taps nearest(int in, int out, int from, int to) {
        int[] first = new int[to - from];
        int[] count = new int[to - from];
        int[] weights = new int[to - from];
        double step = (double) in / out;
        double at = step * 0.5;
        for (int i = 0; i < to; i++) {
            if (i >= from) {
                first[i - from] = Math.min((int) at, in - 1);
                count[i - from] = 1;
                weights[i - from] = 1 << PRECISION_BITS;
            }
            at += step;
        }
        return new Taps(first, count, weights, 1);
    }

    private static Taps antialiased(Filter filter, int in, int out, int from, int to) {
        double scale = (double) in / out;
        double filterScale = Math.max(scale, 1);
        double support = filter.support * filterScale;
        int stride = (int) Math.ceil(support) * 2 + 1;
        int[] first = new int[to - from];
        int[] count = new int[to - from];
        int[] weights = new int[(to - from) * stride];
        double[] exact = new double[stride];
        for (int i = from; i < to; i++) {
            double center = (i + 0.5) * scale;
            int low = Math.max((int) (center - support + 0.5), 0);
            int taps = Math.min((int) (center + support + 0.5), in) - low;
            double sum = 0;
            for (int k = 0; k < taps; k++) {
                exact[k] = filter.weight((k + low - center + 0.5) * (1 / filterScale));
                sum += exact[k];
            }
            first[i - from] = low;
            count[i - from] = taps;
            for (int k = 0; k < taps; k++) {
                double weight = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << PRECISION_BITS);
                weights[(i - from) * stride + k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
            }
        }
        return new Taps(first, count, weights, stride);
    }

    /** The number of output pixels. */
    public int outputs() {
        return first.length;
    }

    /** The first source pixel that any output needs. */
    public int start() {
        return start;
    }

    /** One more than the last source pixel that any output needs. */
    public int end() {
        return end;
    }

    int first(int output) {
        return first[output];
    }

    int count(int output) {
        return count[output];
    }

    /** Where the weights of an output start in {@link #weights()}. */
    int offset(int output) {
        return output * stride;
    }

    int[] weights() {
        return weights;
    }
}

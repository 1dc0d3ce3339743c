package dev.moderato.trainer.train;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How a convolution or pooling slides: sizes per spatial dimension, paddings resolved from `pads` or `auto_pad`. */
record Window(long[] kernel, long[] strides, long[] dilations, long[] begins, long[] ends) {
    static Window of(NodeCall call, long[] inputShape, long[] kernel) {
        Attributes attributes = call.attributes();
        int spatial = kernel.length;
        long[] ones = new long[spatial];
        Arrays.fill(ones, 1);
        long[] strides = attributes.integers("strides", ones);
        long[] dilations = attributes.integers("dilations", ones);
        long[] begins = new long[spatial];
        long[] ends = new long[spatial];
        String auto = attributes.text("auto_pad", "NOTSET");
        switch (auto) {
            case "NOTSET" -> {
                long[] pads = attributes.integers("pads", new long[2 * spatial]);
                System.arraycopy(pads, 0, begins, 0, spatial);
                System.arraycopy(pads, spatial, ends, 0, spatial);
            }
            case "VALID" -> {}
            case "SAME_UPPER", "SAME_LOWER" -> {
                for (int i = 0; i < spatial; i++) {
                    long size = inputShape[i + 2];
                    long out = -Math.floorDiv(-size, strides[i]);
                    long total = Math.max(0, (out - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size);
                    long small = total / 2;
                    begins[i] = auto.equals("SAME_UPPER") ? small : total - small;
                    ends[i] = total - begins[i];
                }
            }
            default -> throw call.failure("auto_pad " + auto + " is not known");
        }
        return new Window(kernel, strides, dilations, begins, ends);
    }

    /** True where both sides of each dimension are padded alike. */
    boolean symmetric() {
        return Arrays.equals(begins, ends);
    }

    /** The input with this window's padding around it. */
    Tensor padded(Tensor input, double value) {
        int spatial = kernel.length;
        long[] pads = new long[2 * spatial];
        for (int i = 0; i < spatial; i++) {
            pads[2 * (spatial - 1 - i)] = begins[i];
            pads[2 * (spatial - 1 - i) + 1] = ends[i];
        }
        return torch.constant_pad_nd(input, pads, Tensors.scalar(value));
    }
}

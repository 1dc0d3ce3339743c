package dev.moderato.inference.image;

import java.util.stream.IntStream;

/**
 * What is wanted of a file.
 *
 * @param frames indices, ascending
 * @param alpha whether transparency is wanted: it is dropped by the decoder otherwise, as Pillow's {@code convert("RGB")} drops it
 * @param reduction how many times smaller than stored a JPEG may be decoded: 1, 2, 4 or 8
 */
record DecodePlan(int[] frames, boolean alpha, int reduction) {
    /** So many frames of all, evenly spaced from the first to the last. */
    static int[] evenly(int wanted, int all) {
        if (wanted >= all) {
            return IntStream.range(0, all).toArray();
        }
        int[] frames = new int[wanted];
        for (int i = 1; i < wanted; i++) {
            frames[i] = (int) Math.round((double) i * (all - 1) / (wanted - 1));
        }
        return frames;
    }

    int lastFrame() {
        return frames[frames.length - 1];
    }
}

package dev.moderato.inference.image;

import dev.moderato.kernels.PixelRows;

/** Pillow's premultiplied alpha, in which it resizes RGBA so that what is invisible does not bleed (Convert.c, rgbA2rgba). */
final class Alpha {
    private static final int CHANNELS = 4;

    private Alpha() {}

    /** Rows of four channels with the first three multiplied by the fourth. */
    static PixelRows premultiplied(PixelRows rows) {
        return (y, count, x, pixels, into, stride) -> {
            rows.read(y, count, x, pixels, into, stride);
            for (int row = 0; row < count; row++) {
                for (int at = row * stride; at < row * stride + pixels * CHANNELS; at += CHANNELS) {
                    int alpha = into[at + 3] & 0xff;
                    into[at] = times(into[at], alpha);
                    into[at + 1] = times(into[at + 1], alpha);
                    into[at + 2] = times(into[at + 2], alpha);
                }
            }
        };
    }

    private static byte times(byte sample, int alpha) {
        int product = (sample & 0xff) * alpha + 128;
        return (byte) (((product >> 8) + product) >> 8);
    }

    static void unpremultiply(byte[] pixels) {
        for (int at = 0; at < pixels.length; at += CHANNELS) {
            int alpha = pixels[at + 3] & 0xff;
            if (alpha != 0 && alpha != 255) {
                pixels[at] = over(pixels[at], alpha);
                pixels[at + 1] = over(pixels[at + 1], alpha);
                pixels[at + 2] = over(pixels[at + 2], alpha);
            }
        }
    }

    private static byte over(byte sample, int alpha) {
        return (byte) Math.min(255, 255 * (sample & 0xff) / alpha);
    }
}

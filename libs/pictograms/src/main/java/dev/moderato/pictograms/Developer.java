package dev.moderato.pictograms;

import java.util.SplittableRandom;

/** Blur, contrast, brightness and noise. */
final class Developer {
    private Developer() {}

    static void finish(Finish finish, long seed, int[] pixels, int width, int height) {
        double radius = finish.blur() * Math.min(width, height);
        if (radius > 0.05) {
            blur(pixels, width, height, radius);
        }
        if (finish.contrast() != 1 || finish.brightness() != 0 || finish.noise() > 0) {
            expose(finish, seed, pixels);
        }
    }

    private static void expose(Finish finish, long seed, int[] pixels) {
        var level = new float[256];
        for (int i = 0; i < level.length; i++) {
            level[i] = (float) ((i - 128) * finish.contrast() + 128 + finish.brightness());
        }
        var random = new SplittableRandom(seed);
        // One long gives the noise of all three channels: two uniform numbers of 10 bits each, added.
        float scale = (float) (finish.noise() / 1023);
        for (int i = 0; i < pixels.length; i++) {
            int pixel = pixels[i];
            long bits = scale > 0 ? random.nextLong() : 0;
            pixels[i] = (channel(level[(pixel >> 16) & 0xff], bits, scale) << 16)
                    | (channel(level[(pixel >> 8) & 0xff], bits >>> 20, scale) << 8)
                    | channel(level[pixel & 0xff], bits >>> 40, scale);
        }
    }

    private static int channel(float level, long bits, float scale) {
        float noise = ((bits & 1023) + ((bits >>> 10) & 1023) - 1023) * scale;
        int value = (int) (level + (scale > 0 ? noise : 0) + 0.5f);
        return value < 0 ? 0 : Math.min(value, 255);
    }

    /** A box blur of any real radius, across and then down. */
    private static void blur(int[] pixels, int width, int height, double radius) {
        int reach = (int) Math.ceil(radius);
        var weights = new float[reach + 1];
        float sum = 0;
        for (int i = 0; i <= reach; i++) {
            weights[i] = (float) Math.min(1, radius - i + 1);
            sum += i == 0 ? weights[i] : 2 * weights[i];
        }
        for (int i = 0; i <= reach; i++) {
            weights[i] /= sum;
        }
        var line = new int[Math.max(width, height)];
        for (int y = 0; y < height; y++) {
            blurLine(pixels, y * width, 1, width, weights, line);
        }
        for (int x = 0; x < width; x++) {
            blurLine(pixels, x, width, height, weights, line);
        }
    }

    private static void blurLine(int[] pixels, int start, int step, int length, float[] weights, int[] line) {
        for (int i = 0; i < length; i++) {
            line[i] = pixels[start + i * step];
        }
        for (int i = 0; i < length; i++) {
            float red = 0.5f;
            float green = 0.5f;
            float blue = 0.5f;
            for (int k = 1 - weights.length; k < weights.length; k++) {
                int pixel = line[Math.min(Math.max(i + k, 0), length - 1)];
                float weight = weights[Math.abs(k)];
                red += weight * ((pixel >> 16) & 0xff);
                green += weight * ((pixel >> 8) & 0xff);
                blue += weight * (pixel & 0xff);
            }
            pixels[start + i * step] = ((int) red << 16) | ((int) green << 8) | (int) blue;
        }
    }
}

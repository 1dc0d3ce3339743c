package dev.moderato.pictograms;

import java.util.Arrays;

/** Fills a picture with its background, pixel by pixel, in coordinates that do not depend on its size. */
final class BackgroundPainter {
    private BackgroundPainter() {}

    static void paint(Background background, int[] pixels, int width, int height) {
        if (background.kind() == Background.Kind.PLAIN) {
            Arrays.fill(pixels, background.first());
            return;
        }
        double side = Math.min(width, height);
        double left = (width - side) / 2;
        double top = (height - side) / 2;
        double turn = Math.toRadians(background.degrees());
        double cos = Math.cos(turn);
        double sin = Math.sin(turn);
        var ramp = ramp(background);
        for (int py = 0; py < height; py++) {
            double y = (py + 0.5 - top) / side;
            for (int px = 0; px < width; px++) {
                double x = (px + 0.5 - left) / side;
                double share = share(background, x, y, cos, sin);
                pixels[py * width + px] = ramp[(int) (share * (ramp.length - 1) + 0.5)];
            }
        }
    }

    /** The colours between the first and the second. */
    private static int[] ramp(Background background) {
        var ramp = new int[65];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = Rgb.mix(background.first(), background.second(), i / (double) (ramp.length - 1));
        }
        return ramp;
    }

    /** How much of the second colour there is at a place: 0 to 1. */
    private static double share(Background background, double x, double y, double cos, double sin) {
        double period = background.period();
        return switch (background.kind()) {
            case PLAIN -> 0;
            case GRADIENT -> clamp(0.5 + ((x - 0.5) * cos + (y - 0.5) * sin) * 0.8);
            case STRIPES -> Math.floorMod((long) Math.floor((x * cos + y * sin) / period), 2L);
            case CHECKER -> Math.floorMod((long) (Math.floor(x / period) + Math.floor(y / period)), 2L);
            case DOTS -> dot(x / period - Math.floor(x / period), y / period - Math.floor(y / period));
            case MOTTLED -> blots(x / period, y / period, Double.doubleToLongBits(background.degrees()));
            case MEADOW -> clamp((y - 0.68 - 0.03 * Math.sin(x * 9 + turnOf(background))) * 60);
        };
    }

    private static double turnOf(Background background) {
        return Math.toRadians(background.degrees());
    }

    private static double dot(double x, double y) {
        double dx = x - 0.5;
        double dy = y - 0.5;
        return clamp((0.09 - dx * dx - dy * dy) * 60);
    }

    /** Value noise: random numbers on a lattice, smoothly joined. */
    private static double blots(double x, double y, long seed) {
        double x0 = Math.floor(x);
        double y0 = Math.floor(y);
        double u = smooth(x - x0);
        double v = smooth(y - y0);
        double top = corner(x0, y0, seed) * (1 - u) + corner(x0 + 1, y0, seed) * u;
        double bottom = corner(x0, y0 + 1, seed) * (1 - u) + corner(x0 + 1, y0 + 1, seed) * u;
        return top * (1 - v) + bottom * v;
    }

    private static double corner(double x, double y, long seed) {
        long column = (long) x;
        long row = (long) y;
        return (Seeds.mix(seed + column * 0x1f123bb5L + row * 0x7f4a7c15L) >>> 40) / (double) (1 << 24);
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    private static double clamp(double value) {
        return value < 0 ? 0 : value > 1 ? 1 : value;
    }
}

package dev.moderato.pictograms;

/** Arithmetic on colours packed as 0xRRGGBB. */
final class Rgb {
    private Rgb() {}

    static int of(double red, double green, double blue) {
        return (channel(red) << 16) | (channel(green) << 8) | channel(blue);
    }

    /** The colour at {@code share} (0 to 1) of the way from one to another. */
    static int mix(int from, int to, double share) {
        return of(
                red(from) + (red(to) - red(from)) * share,
                green(from) + (green(to) - green(from)) * share,
                blue(from) + (blue(to) - blue(from)) * share);
    }

    /** How far apart two colours look: 0 (equal) to about 760 (black and white), weighted as the eye is. */
    static double distance(int one, int other) {
        double meanRed = (red(one) + red(other)) / 2.0;
        double r = red(one) - red(other);
        double g = green(one) - green(other);
        double b = blue(one) - blue(other);
        return Math.sqrt((2 + meanRed / 256) * r * r + 4 * g * g + (2 + (255 - meanRed) / 256) * b * b);
    }

    static int red(int rgb) {
        return (rgb >> 16) & 0xff;
    }

    static int green(int rgb) {
        return (rgb >> 8) & 0xff;
    }

    static int blue(int rgb) {
        return rgb & 0xff;
    }

    static int channel(double value) {
        return value <= 0 ? 0 : value >= 255 ? 255 : (int) (value + 0.5);
    }
}

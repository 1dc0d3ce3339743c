package dev.moderato.inference.policy;

/** A rate that was seen and what it may really be, with 95 % confidence; all in [0, 1]. */
public record Interval(double seen, double low, double high) {
    private static final double Z = 1.959963984540054;

    /** Wilson's score interval of {@code hits} in {@code of} trials; [0, 1] where there are none. */
    static Interval wilson(long hits, long of) {
        if (of == 0) {
            return new Interval(0, 0, 1);
        }
        double rate = (double) hits / of;
        double squared = Z * Z / of;
        double middle = (rate + squared / 2) / (1 + squared);
        double half = Z * Math.sqrt(rate * (1 - rate) / of + squared / (4 * of)) / (1 + squared);
        return new Interval(rate, Math.max(0, middle - half), Math.min(1, middle + half));
    }
}

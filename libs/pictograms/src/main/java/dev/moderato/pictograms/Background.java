package dev.moderato.pictograms;

import java.util.List;

/**
 * What lies behind the things.
 *
 * @param first 0xRRGGBB
 * @param second 0xRRGGBB, of every kind but the plain one
 * @param period width of a stripe, square or blot as a share of the picture's short side
 * @param degrees direction of a gradient or of stripes
 */
public record Background(Kind kind, int first, int second, double period, double degrees) {
    /** The patterns, with the words that a caption may add for them. */
    public enum Kind {
        PLAIN("on a plain background"),
        GRADIENT("on a shaded background"),
        STRIPES("on a striped background", "on stripes"),
        CHECKER("on a checkered background"),
        DOTS("on a dotted background", "on dots"),
        MOTTLED("on a mottled background"),
        MEADOW("on a meadow", "under the sky");

        private final List<String> phrases;

        Kind(String... phrases) {
            this.phrases = List.of(phrases);
        }

        List<String> phrases() {
            return phrases;
        }
    }
}

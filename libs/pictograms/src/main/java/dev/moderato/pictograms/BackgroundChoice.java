package dev.moderato.pictograms;

import dev.moderato.pictograms.Background.Kind;
import java.util.List;
import java.util.SplittableRandom;

/** Picks backgrounds that the things stand out from. */
final class BackgroundChoice {
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final double ENOUGH_CONTRAST = 190;
    private static final int TRIES = 24;

    private final SplittableRandom random;

    BackgroundChoice(SplittableRandom random) {
        this.random = random;
    }

    Background behind(List<Figure> figures) {
        Kind kind = random.nextDouble() < 0.25 ? Kind.PLAIN : KINDS.get(random.nextInt(KINDS.size()));
        int first = kind == Kind.MEADOW ? near(0xc4e6f8) : colour(figures);
        int second = kind == Kind.MEADOW ? near(0xb9dba0) : kind == Kind.PLAIN ? first : partner(first, figures);
        return new Background(kind, first, second, random.nextDouble(0.08, 0.3), random.nextDouble(360));
    }

    private int near(int rgb) {
        return Rgb.mix(rgb, random.nextBoolean() ? 0xffffff : 0x606070, random.nextDouble(0.25));
    }

    private int colour(List<Figure> figures) {
        int best = 0xffffff;
        double bestContrast = contrast(best, figures);
        for (int i = 0; i < TRIES; i++) {
            int candidate = muted();
            double contrast = contrast(candidate, figures);
            if (contrast >= ENOUGH_CONTRAST) {
                return candidate;
            }
            if (contrast > bestContrast) {
                best = candidate;
                bestContrast = contrast;
            }
        }
        return best;
    }

    /** A second colour that is not so far from the first that the pattern hides the things. */
    private int partner(int first, List<Figure> figures) {
        for (int i = 0; i < TRIES; i++) {
            int candidate = random.nextBoolean() ? muted() : near(first);
            double apart = Rgb.distance(first, candidate);
            if (apart > 40 && apart < 220 && contrast(candidate, figures) >= ENOUGH_CONTRAST) {
                return candidate;
            }
        }
        return Rgb.mix(first, 0xffffff, 0.35);
    }

    /** Mostly pale, sometimes dark, seldom strong. */
    private int muted() {
        int hue = Rgb.of(random.nextInt(256), random.nextInt(256), random.nextInt(256));
        double kind = random.nextDouble();
        if (kind < 0.65) {
            return Rgb.mix(hue, 0xffffff, random.nextDouble(0.6, 0.95));
        }
        return kind < 0.9 ? Rgb.mix(hue, 0x0c0c18, random.nextDouble(0.6, 0.85)) : Rgb.mix(hue, 0x808080, 0.3);
    }

    private static double contrast(int rgb, List<Figure> figures) {
        double least = Double.MAX_VALUE;
        for (Figure figure : figures) {
            least = Math.min(least, Rgb.distance(rgb, figure.rgb()));
        }
        return least;
    }
}

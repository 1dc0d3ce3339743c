package dev.moderato.pictograms;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Describes scenes in words: all lower case, from a small grammar with synonyms. Immutable, for any number of threads.
 *
 * <pre>
 * caption  = [frame] subject [place] [ground] ["."]
 * frame    = "a photo of" | "a picture of" | "an image of" | "a drawing of" | "a pictogram of" | "a sketch of"
 * subject  = [number] [size] [colour] noun | kind | subject "and" subject | nothing
 * place    = "on the left" | "at the top" | …      ground = "on a striped background" | …
 * </pre>
 */
public final class Captions {
    /** What may stand before a subject. */
    static final List<String> FRAMES = List.of(
            "a photo of",
            "a picture of",
            "an image of",
            "a drawing of",
            "a pictogram of",
            "a sketch of",
            "a cartoon of");

    private static final List<String> NOTHING =
            List.of("an empty scene", "an empty picture", "nothing", "a background");
    private static final List<String> SHAPES = List.of("abstract shapes", "random shapes", "lines and shapes");
    private static final List<String> NUMBERS = List.of("two", "three");

    private final long seed;

    public Captions(long seed) {
        this.seed = seed;
    }

    /** A caption of a scene; the index picks the wording. */
    public String caption(Scene scene, long index) {
        SplittableRandom random = Seeds.random(seed, index);
        var caption = new StringBuilder();
        if (random.nextDouble() < 0.55) {
            caption.append(pick(FRAMES, random)).append(' ');
        }
        caption.append(subject(scene, random));
        if (scene.figures().size() == 1 && random.nextDouble() < 0.25) {
            caption.append(place(scene.figures().get(0)));
        }
        if (random.nextDouble() < 0.15) {
            caption.append(' ').append(pick(scene.background().kind().phrases(), random));
        }
        if (random.nextDouble() < 0.35) {
            caption.append('.');
        }
        return caption.toString();
    }

    private static String subject(Scene scene, SplittableRandom random) {
        List<Figure> figures = scene.figures();
        if (figures.isEmpty()) {
            return pick(scene.marks().size() > 2 && random.nextDouble() < 0.7 ? SHAPES : NOTHING, random);
        }
        Figure first = figures.get(0);
        Figure last = figures.get(figures.size() - 1);
        if (first.thing() != last.thing()) {
            return one(first, random) + " and " + one(last, random);
        }
        if (random.nextDouble() < 0.1) {
            return kind(first, random);
        }
        return figures.size() == 1 ? one(first, random) : several(first, figures.size(), random);
    }

    private static String one(Figure figure, SplittableRandom random) {
        if (isBlood(figure) && random.nextDouble() < 0.3) {
            return random.nextBoolean() ? "blood" : "a blood stain";
        }
        String size = random.nextDouble() < 0.1 ? size(figure) : "";
        return Noun.withArticle(
                size + colour(figure, random) + noun(figure, random).singular());
    }

    private static String several(Figure figure, int count, SplittableRandom random) {
        String number = random.nextDouble() < 0.75 ? NUMBERS.get(count - 2) + " " : "";
        return number + colour(figure, random) + noun(figure, random).plural();
    }

    private static Noun noun(Figure figure, SplittableRandom random) {
        List<Noun> nouns = figure.thing().nouns();
        return random.nextDouble() < 0.5 ? nouns.get(0) : pick(nouns, random);
    }

    /** "red ", or nothing in three of ten captions; a splatter always has its colour, on which its meaning hangs. */
    private static String colour(Figure figure, SplittableRandom random) {
        boolean told = random.nextDouble() < 0.7 || figure.thing() == Thing.SPLATTER;
        String word = random.nextDouble() < 0.7
                ? figure.colour().word()
                : pick(figure.colour().names(), random);
        return told ? word + " " : "";
    }

    private static String kind(Figure figure, SplittableRandom random) {
        if (figure.thing() == Thing.SPLATTER && !isBlood(figure)) {
            return "a splash of " + figure.colour().word() + " paint";
        }
        return pick(figure.thing().category().phrases(), random);
    }

    private static boolean isBlood(Figure figure) {
        return figure.thing() == Thing.SPLATTER && figure.thing().harmful(figure.colour());
    }

    private static String size(Figure figure) {
        return figure.size() < 0.58 ? "small " : figure.size() > 0.8 ? "big " : "";
    }

    private static String place(Figure figure) {
        double right = figure.x() - 0.5;
        double down = figure.y() - 0.5;
        if (Math.max(Math.abs(right), Math.abs(down)) < 0.1) {
            return " in the middle";
        }
        if (Math.abs(right) >= Math.abs(down)) {
            return right < 0 ? " on the left" : " on the right";
        }
        return down < 0 ? " at the top" : " at the bottom";
    }

    private static <T> T pick(List<T> choices, SplittableRandom random) {
        return choices.get(random.nextInt(choices.size()));
    }
}

package dev.moderato.pictograms;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An endless, deterministic stream of random scenes, addressed by index. Immutable, for any number of threads; equal seeds
 * give equal scenes, another seed gives a fresh set.
 */
public final class Scenes {
    private static final List<Colour> COLOURS = List.of(Colour.values());

    private final long seed;
    private final Choice choice;
    private final List<Thing> things;

    /** What is drawn. */
    public enum Choice {
        /** The training mixture: all known things, no held-out pair of thing and colour; empty and mixed scenes too. */
        TRAINING,
        /** One to three of one known thing, no held-out pair. */
        SEEN,
        /** One to three of one known thing, only held-out pairs. */
        HELD_OUT,
        /** The training mixture, but of every pair. */
        ANY
    }

    public Scenes(long seed, Choice choice) {
        this(seed, choice, Thing.known());
    }

    /** Draws only the things given, for example a reserved one. */
    public Scenes(long seed, Choice choice, List<Thing> things) {
        if (things.isEmpty()) {
            throw new IllegalArgumentException("no things to draw");
        }
        this.seed = seed;
        this.choice = choice;
        this.things = List.copyOf(things);
    }

    /** The scene at an index, which may be any number. */
    public Scene scene(long index) {
        SplittableRandom random = Seeds.random(seed, index);
        List<Figure> figures = new FigureLayout(random).place(subjects(random));
        Background background = new BackgroundChoice(random).behind(figures);
        return new Scene(
                figures,
                background,
                Marks.scatter(random, figures.isEmpty()),
                style(random),
                finish(random),
                random.nextLong());
    }

    private List<Subject> subjects(SplittableRandom random) {
        boolean mixture = choice == Choice.TRAINING || choice == Choice.ANY;
        double kind = random.nextDouble();
        if (mixture && kind < 0.04) {
            return List.of();
        }
        if (mixture && kind < 0.10) {
            Subject first = subject(random);
            Subject second = subject(random);
            return first.thing() == second.thing() ? List.of(first) : List.of(first, second);
        }
        double copies = random.nextDouble();
        Subject subject = subject(random);
        var all = new ArrayList<Subject>();
        for (int i = 0; i < (copies < 0.86 ? 1 : copies < 0.95 ? 2 : 3); i++) {
            all.add(subject);
        }
        return all;
    }

    private Subject subject(SplittableRandom random) {
        while (true) {
            Thing thing = things.get(random.nextInt(things.size()));
            Colour colour = COLOURS.get(random.nextInt(COLOURS.size()));
            boolean heldOut = HeldOut.isHeldOut(thing, colour);
            if (choice == Choice.ANY || heldOut == (choice == Choice.HELD_OUT)) {
                return new Subject(thing, colour);
            }
        }
    }

    private static Style style(SplittableRandom random) {
        double kind = random.nextDouble();
        return kind < 0.6 ? Style.OUTLINED : kind < 0.8 ? Style.STICKER : Style.FLAT;
    }

    private static Finish finish(SplittableRandom random) {
        double blur = random.nextDouble() < 0.5 ? 0 : random.nextDouble(0.016);
        double contrast = random.nextDouble(0.8, 1.15);
        double brightness = random.nextDouble(-18, 18);
        double noise = random.nextDouble() < 0.4 ? 0 : random.nextDouble(28);
        int jpeg = random.nextDouble() < 0.75 ? 0 : random.nextInt(35, 95);
        return new Finish(blur, contrast, brightness, noise, jpeg);
    }

    /** What a figure shows, before it has a place. */
    record Subject(Thing thing, Colour colour) {}
}

package dev.moderato.pictograms;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Scatters clutter. */
final class Marks {
    private static final List<Mark.Kind> KINDS = List.of(Mark.Kind.values());

    private Marks() {}

    static List<Mark> scatter(SplittableRandom random, boolean alone) {
        int count = random.nextDouble() < 0.35 ? 0 : random.nextInt(1, alone ? 11 : 8);
        double largest = alone ? 0.35 : 0.17;
        var marks = new ArrayList<Mark>();
        for (int i = 0; i < count; i++) {
            Mark.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
            boolean thin = kind == Mark.Kind.LINE || kind == Mark.Kind.WAVE;
            marks.add(new Mark(
                    kind,
                    random.nextDouble(),
                    random.nextDouble(),
                    random.nextDouble(0.05, thin ? 2.5 * largest : largest),
                    random.nextDouble(360),
                    Rgb.of(random.nextInt(256), random.nextInt(256), random.nextInt(256)),
                    thin && random.nextDouble() < 0.2));
        }
        return marks;
    }
}

package dev.moderato.pictograms;

import dev.moderato.pictograms.Scenes.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Gives subjects a place, size, turn and shade. */
final class FigureLayout {
    private final SplittableRandom random;

    FigureLayout(SplittableRandom random) {
        this.random = random;
    }

    List<Figure> place(List<Subject> subjects) {
        return switch (subjects.size()) {
            case 0 -> List.of();
            case 1 -> List.of(alone(subjects.get(0)));
            default -> together(subjects);
        };
    }

    private Figure alone(Subject subject) {
        double size = random.nextDouble() < 0.7 ? random.nextDouble(0.62, 0.95) : random.nextDouble(0.44, 0.62);
        boolean middle = random.nextDouble() < 0.5;
        double x = 0.5 + (random.nextDouble() - 0.5) * (middle ? 0.1 : 1.02 - size);
        double y = 0.5 + (random.nextDouble() - 0.5) * (middle ? 0.1 : 1.02 - size);
        return figure(subject, shade(subject.colour()), x, y, size, turn());
    }

    /** Two or three side by side on a line that slants, each in a cell of its own. */
    private List<Figure> together(List<Subject> subjects) {
        int count = subjects.size();
        double slant = random.nextDouble(-0.5, 0.5);
        double direction = random.nextDouble() < 0.5 ? 1 : -1;
        double size = count == 2 ? random.nextDouble(0.42, 0.52) : random.nextDouble(0.35, 0.42);
        double turn = turn();
        int shade = shade(subjects.get(0).colour());
        var figures = new ArrayList<Figure>();
        for (int i = 0; i < count; i++) {
            Subject subject = subjects.get(i);
            double along = (i - (count - 1) / 2.0) * (count == 2 ? 0.48 : 0.31);
            double across = count == 2 ? along * slant : direction * (i == 1 ? -0.22 : 0.2);
            figures.add(figure(
                    subject,
                    subject.colour() == subjects.get(0).colour() ? shade : shade(subject.colour()),
                    0.5 + along,
                    0.5 + across,
                    size,
                    turn + random.nextDouble(-8, 8)));
        }
        return figures;
    }

    private Figure figure(Subject subject, int shade, double x, double y, double size, double turn) {
        double stretch = random.nextDouble(0.88, 1.13);
        return new Figure(subject.thing(), subject.colour(), shade, x, y, size, turn, stretch, random.nextBoolean());
    }

    private double turn() {
        return random.nextDouble() < 0.85 ? random.nextDouble(-25, 25) : random.nextDouble(-100, 100);
    }

    private int shade(Colour colour) {
        int lit = Rgb.mix(colour.rgb(), random.nextBoolean() ? 0xffffff : 0x000000, random.nextDouble(0.12));
        return Rgb.of(
                Rgb.red(lit) + random.nextDouble(-10, 10),
                Rgb.green(lit) + random.nextDouble(-10, 10),
                Rgb.blue(lit) + random.nextDouble(-10, 10));
    }
}

package dev.moderato.pictograms;

import java.util.List;

/**
 * A whole picture, described independently of its size in pixels.
 *
 * @param figures none, one, several of one thing, or two different things
 * @param marks clutter
 * @param seed of the noise
 */
public record Scene(
        List<Figure> figures, Background background, List<Mark> marks, Style style, Finish finish, long seed) {
    public Scene {
        figures = List.copyOf(figures);
        marks = List.copyOf(marks);
    }

    /** The things that it shows, each once. */
    public List<Thing> things() {
        return figures.stream().map(Figure::thing).distinct().toList();
    }

    /** Whether it shows anything harmful. */
    public boolean harmful() {
        return figures.stream().anyMatch(figure -> figure.thing().harmful(figure.colour()));
    }
}

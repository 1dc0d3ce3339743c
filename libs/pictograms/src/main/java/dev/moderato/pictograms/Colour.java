package dev.moderato.pictograms;

import java.util.List;

/** The colours that things come in, and the words for them. */
public enum Colour {
    RED(0xd8232a, "red", "crimson"),
    ORANGE(0xf5811f, "orange", "tangerine"),
    YELLOW(0xf6d32d, "yellow", "golden"),
    GREEN(0x2f9e44, "green", "emerald"),
    BLUE(0x2468d8, "blue", "azure"),
    PURPLE(0x7d3cb5, "purple", "violet"),
    PINK(0xf57fb6, "pink", "rose"),
    BROWN(0x7b4a24, "brown", "chestnut"),
    GREY(0x8c939b, "grey", "silver");

    private final int rgb;
    private final List<String> names;

    Colour(int rgb, String... names) {
        this.rgb = rgb;
        this.names = List.of(names);
    }

    /** The typical shade, 0xRRGGBB. */
    public int rgb() {
        return rgb;
    }

    /** The usual word first, then synonyms. */
    public List<String> names() {
        return names;
    }

    /** The usual word. */
    public String word() {
        return names.get(0);
    }
}

package dev.moderato.pictograms;

/** What a part of a drawing is painted with. */
enum Tone {
    /** The scene's colour. */
    BODY,
    /** The scene's colour, darker. */
    SHADE,
    /** The scene's colour, lighter. */
    TINT,
    DARK,
    PALE,
    /** Flames and sparks, whatever the scene's colour. */
    EMBER;

    private static final int NIGHT = 0x26262b;
    private static final int PAPER = 0xf8f6f0;
    private static final int GLOW = 0xffa41c;

    /** The colour as 0xRRGGBB, given the scene's colour. */
    int rgb(int body) {
        return switch (this) {
            case BODY -> body;
            case SHADE -> Rgb.mix(body, 0x101018, 0.38);
            case TINT -> Rgb.mix(body, 0xffffff, 0.5);
            case DARK -> NIGHT;
            case PALE -> PAPER;
            case EMBER -> GLOW;
        };
    }
}

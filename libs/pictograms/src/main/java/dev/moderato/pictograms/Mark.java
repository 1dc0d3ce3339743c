package dev.moderato.pictograms;

/**
 * A small meaningless shape. Places and sizes are shares of the picture's short side.
 *
 * @param rgb 0xRRGGBB
 * @param front drawn over the things rather than behind them
 */
record Mark(Kind kind, double x, double y, double size, double degrees, int rgb, boolean front) {
    enum Kind {
        DISC,
        SQUARE,
        TRIANGLE,
        RING,
        LINE,
        WAVE
    }
}

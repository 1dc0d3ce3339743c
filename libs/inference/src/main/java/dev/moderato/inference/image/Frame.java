package dev.moderato.inference.image;

/**
 * A frame of an animation.
 *
 * @param x where its left edge lies on the canvas
 * @param y where its top edge lies
 * @param blend whether transparent pixels let the canvas show through; else they replace it
 * @param disposal what becomes of its area before the next frame
 * @param data where its coded pixels lie in the file
 * @param alpha where its coded transparency lies, in a format that has it apart; else nothing
 */
record Frame(int x, int y, int width, int height, boolean blend, Disposal disposal, Ranges data, Ranges alpha) {
    enum Disposal {
        KEEP,
        BACKGROUND,
        PREVIOUS
    }

    long bytes() {
        return data.bytes() + alpha.bytes();
    }

    long pixels() {
        return (long) width * height;
    }

    boolean covers(int canvasWidth, int canvasHeight) {
        return x == 0 && y == 0 && width == canvasWidth && height == canvasHeight;
    }
}

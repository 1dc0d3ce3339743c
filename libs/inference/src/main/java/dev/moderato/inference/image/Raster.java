package dev.moderato.inference.image;

import java.nio.ByteBuffer;

/**
 * Decoded pixels.
 *
 * @param pixels 8-bit samples, interleaved, rows from the top without gaps
 */
record Raster(int width, int height, Layout layout, ByteBuffer pixels) {
    /** The samples of a pixel, in their order. */
    enum Layout {
        GREY(1, 0, 0, 0),
        RGB(3, 0, 1, 2),
        RGBA(4, 0, 1, 2),
        BGR(3, 2, 1, 0),
        BGRA(4, 2, 1, 0),
        /** Four samples, of which the last says nothing. */
        BGRX(4, 2, 1, 0);

        final int channels;
        final int red;
        final int green;
        final int blue;

        Layout(int channels, int red, int green, int blue) {
            this.channels = channels;
            this.red = red;
            this.green = green;
            this.blue = blue;
        }

        boolean hasAlpha() {
            return this == RGBA || this == BGRA;
        }
    }

    int channels() {
        return layout.channels;
    }
}

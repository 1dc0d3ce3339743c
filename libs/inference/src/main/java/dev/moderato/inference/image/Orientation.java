package dev.moderato.inference.image;

import dev.moderato.kernels.PixelRows;
import java.nio.ByteBuffer;

/** How a stored image must be turned to stand upright: EXIF tag 0x0112, values 1 to 8. */
enum Orientation {
    UPRIGHT(false, false, false),
    MIRRORED(false, true, false),
    UPSIDE_DOWN(false, true, true),
    FLIPPED(false, false, true),
    TRANSPOSED(true, false, false),
    QUARTER_RIGHT(true, true, false),
    TRANSVERSED(true, true, true),
    QUARTER_LEFT(true, false, true);

    private final boolean swapsSides;
    /** Whether a row of the upright image runs backwards through the stored one. */
    private final boolean backwards;
    /** Whether the rows of the upright image come in reverse. */
    private final boolean bottomUp;

    Orientation(boolean swapsSides, boolean backwards, boolean bottomUp) {
        this.swapsSides = swapsSides;
        this.backwards = backwards;
        this.bottomUp = bottomUp;
    }

    /** @param exif the value of the tag; anything but 2 to 8 is upright */
    static Orientation of(int exif) {
        return exif >= 2 && exif <= 8 ? values()[exif - 1] : UPRIGHT;
    }

    int width(int storedWidth, int storedHeight) {
        return swapsSides ? storedHeight : storedWidth;
    }

    int height(int storedWidth, int storedHeight) {
        return swapsSides ? storedWidth : storedHeight;
    }

    /** The rows of the upright image, read out of the stored one without turning it first. */
    PixelRows rows(Raster raster) {
        return this == UPRIGHT ? straight(raster) : turned(raster);
    }

    private static PixelRows straight(Raster raster) {
        ByteBuffer stored = raster.pixels();
        int channels = raster.channels();
        int width = raster.width() * channels;
        return (y, rows, x, pixels, into, stride) -> {
            for (int row = 0; row < rows; row++) {
                stored.get((y + row) * width + x * channels, into, row * stride, pixels * channels);
            }
        };
    }

    private PixelRows turned(Raster raster) {
        ByteBuffer stored = raster.pixels();
        int channels = raster.channels();
        int line = raster.width() * channels;
        int alongRow = (swapsSides ? line : channels) * (backwards ? -1 : 1);
        int downRows = (swapsSides ? channels : line) * (bottomUp ? -1 : 1);
        int lastOfRow = width(raster.width(), raster.height()) - 1;
        int lastRow = height(raster.width(), raster.height()) - 1;
        int origin = (backwards ? lastOfRow * -alongRow : 0) + (bottomUp ? lastRow * -downRows : 0);
        return (y, rows, x, pixels, into, stride) -> {
            // Along the row outside: where sides are swapped, the pixels of a block of rows lie side by side.
            for (int pixel = 0; pixel < pixels; pixel++) {
                int from = origin + (x + pixel) * alongRow + y * downRows;
                int to = pixel * channels;
                for (int row = 0; row < rows; row++) {
                    for (int channel = 0; channel < channels; channel++) {
                        into[to + channel] = stored.get(from + channel);
                    }
                    from += downRows;
                    to += stride;
                }
            }
        };
    }
}

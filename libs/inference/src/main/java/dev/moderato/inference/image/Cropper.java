package dev.moderato.inference.image;

import dev.moderato.kernels.Filter;
import dev.moderato.kernels.PixelRows;
import dev.moderato.kernels.Resampler;
import dev.moderato.kernels.Taps;

/** Makes the encoder's crop of decoded pixels: turns, resizes only what the crop needs, and converts to RGB. */
final class Cropper {
    private final Preprocessing preprocessing;
    private final Resampler resampler = Resampler.create();

    Cropper(Preprocessing preprocessing) {
        this.preprocessing = preprocessing;
    }

    /**
     * Makes a crop.
     *
     * @param placement of the upright image as stored, also where the raster is a reduced one
     * @param filter what to resize with
     * @return uint8 RGB, height × width × 3
     */
    byte[] crop(Raster raster, Orientation orientation, Placement placement, Filter filter, Resampler.Scratch scratch) {
        int width = orientation.width(raster.width(), raster.height());
        int height = orientation.height(raster.width(), raster.height());
        int fromX = Math.max(0, placement.left());
        int fromY = Math.max(0, placement.top());
        int toX = Math.min(placement.resizedWidth(), placement.left() + preprocessing.width());
        int toY = Math.min(placement.resizedHeight(), placement.top() + preprocessing.height());
        Taps horizontal = Taps.of(filter, width, placement.resizedWidth(), fromX, toX);
        Taps vertical = Taps.of(filter, height, placement.resizedHeight(), fromY, toY);
        byte[] pixels = new byte[(toX - fromX) * (toY - fromY) * raster.channels()];
        PixelRows rows = orientation.rows(raster);
        boolean premultiply = raster.layout().hasAlpha() && filter != Filter.NEAREST;
        resampler.resample(
                premultiply ? Alpha.premultiplied(rows) : rows,
                raster.channels(),
                horizontal,
                vertical,
                scratch,
                pixels);
        if (premultiply) {
            Alpha.unpremultiply(pixels);
        }
        return rgb(pixels, raster.layout(), fromX - placement.left(), fromY - placement.top(), toX - fromX);
    }

    /** The pixels as RGB, with black around them where they do not fill the input. */
    private byte[] rgb(byte[] pixels, Raster.Layout layout, int left, int top, int width) {
        byte[] crop = new byte[preprocessing.cropBytes()];
        int channels = layout.channels;
        int rows = pixels.length / channels / width;
        for (int y = 0; y < rows; y++) {
            int to = ((top + y) * preprocessing.width() + left) * 3;
            for (int from = y * width * channels; from < (y + 1) * width * channels; from += channels) {
                crop[to] = pixels[from + layout.red];
                crop[to + 1] = pixels[from + layout.green];
                crop[to + 2] = pixels[from + layout.blue];
                to += 3;
            }
        }
        return crop;
    }
}

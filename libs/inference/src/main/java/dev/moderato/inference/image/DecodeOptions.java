package dev.moderato.inference.image;

/**
 * What a decoder is free to choose.
 *
 * @param applyExif turn the image upright by its EXIF orientation, as people see it; false ignores it, as the references do
 * @param frames how many evenly spaced frames of an animation are prepared; 1 takes the first
 * @param fast decode JPEG at a half, a quarter or an eighth of its size where that still leaves twice the wanted one; not
 *     bit-identical to the references any more
 */
public record DecodeOptions(boolean applyExif, int frames, boolean fast) {
    public DecodeOptions {
        if (frames < 1) {
            throw new IllegalArgumentException("frames must be at least 1, not " + frames);
        }
    }

    public static DecodeOptions defaults() {
        return new DecodeOptions(true, 1, false);
    }
}

package dev.moderato.inference.image;

import dev.moderato.inference.image.Preprocessing.Convert;
import dev.moderato.inference.image.Preprocessing.CropRule;
import dev.moderato.inference.image.Preprocessing.Interpolation;
import dev.moderato.inference.image.Preprocessing.ResizeMode;
import java.util.List;

/** Ways to prepare images in tests. */
final class Prepared {
    private Prepared() {}

    /** Straight to a size; an image of that size comes through as it was decoded. */
    static Preprocessing squash(int width, int height) {
        return settings(width, height, ResizeMode.SQUASH, width, CropRule.FLOOR, Convert.BEFORE_RESIZE);
    }

    static Preprocessing settings(
            int width, int height, ResizeMode resize, int resizeTo, CropRule crop, Convert convert) {
        return new Preprocessing(
                width,
                height,
                resize,
                resizeTo,
                crop,
                Interpolation.BICUBIC,
                convert,
                1.0 / 255,
                List.of(0f, 0f, 0f),
                List.of(1f, 1f, 1f));
    }

    static PreparedImage image(byte[] file, Preprocessing preprocessing, DecodeOptions options) throws ImageRejected {
        return ImagePreprocessor.create(preprocessing, ImageLimits.defaults(), options)
                .preprocess(file);
    }

    /** The pixels of a file's first frame as decoded. */
    static byte[] pixels(byte[] file, int width, int height) throws ImageRejected {
        return image(file, squash(width, height), DecodeOptions.defaults())
                .frames()
                .get(0);
    }
}

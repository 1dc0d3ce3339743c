package dev.moderato.inference.image;

import dev.moderato.inference.image.Preprocessing.Convert;
import dev.moderato.inference.image.Preprocessing.CropRule;
import dev.moderato.inference.image.Preprocessing.Interpolation;
import dev.moderato.inference.image.Preprocessing.ResizeMode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Small pictures for a page, drawn by the very decoder that images are moderated with. */
public final class Thumbnail {
    private Thumbnail() {}

    /**
     * A data URI of the whole image, as a JPEG.
     *
     * @param width of the image, as its result tells
     * @param side pixels of its longer side, at most
     * @return null where the file is no image
     */
    public static @Nullable String of(byte[] file, int width, int height, int side) {
        double scale = Math.min(1, (double) side / Math.max(width, height));
        int w = Math.max(1, (int) Math.round(width * scale));
        int h = Math.max(1, (int) Math.round(height * scale));
        Preprocessing whole = new Preprocessing(
                w,
                h,
                ResizeMode.SQUASH,
                w,
                CropRule.FLOOR,
                Interpolation.BICUBIC,
                Convert.BEFORE_RESIZE,
                1,
                List.of(0f, 0f, 0f),
                List.of(1f, 1f, 1f));
        try {
            byte[] rgb = ImagePreprocessor.create(whole, ImageLimits.defaults(), DecodeOptions.defaults())
                    .preprocess(file)
                    .frames()
                    .get(0);
            return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg(rgb, w, h));
        } catch (ImageRejected e) {
            return null;
        }
    }

    /** As {@link #of(byte[], int, int, int)}, of an image whose size is not known. */
    public static @Nullable String of(byte[] file, int side) {
        try {
            ImageInfo info = ImagePreprocessor.create(
                            Preprocessing.clip(side), ImageLimits.defaults(), DecodeOptions.defaults())
                    .preprocess(file)
                    .info();
            return of(file, info.width(), info.height(), side);
        } catch (ImageRejected e) {
            return null;
        }
    }

    private static byte[] jpeg(byte[] rgb, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int red = rgb[3 * i] & 0xff;
            int green = rgb[3 * i + 1] & 0xff;
            int blue = rgb[3 * i + 2] & 0xff;
            image.setRGB(i % width, i / width, red << 16 | green << 8 | blue);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "jpeg", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}

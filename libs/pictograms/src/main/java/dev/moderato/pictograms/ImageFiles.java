package dev.moderato.pictograms;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The file formats that scenes are written in. */
enum ImageFiles {
    JPG {
        @Override
        byte[] encode(BufferedImage image, int quality) {
            return Jpeg.encode(image, quality);
        }
    },
    PNG {
        @Override
        byte[] encode(BufferedImage image, int quality) {
            var bytes = new ByteArrayOutputStream();
            try (var out = new MemoryCacheImageOutputStream(bytes)) {
                ImageIO.write(image, "png", out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    },
    WEBP {
        @Override
        byte[] encode(BufferedImage image, int quality) {
            return LosslessWebp.encode(image);
        }
    };

    /** The file's bytes; only JPEG has a quality, 1 to 100. */
    abstract byte[] encode(BufferedImage image, int quality);
}

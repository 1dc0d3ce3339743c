package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BandedSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;

/** A JPEG of four inks, inverted as Adobe writes it, becomes RGB as Pillow makes it, within a level. */
class CmykTest {
    private static final int WIDTH = 160;
    private static final int HEIGHT = 90;

    @Test
    void inksBecomeColours() throws Exception {
        byte[] jpeg = jpeg(inks());
        Raster decoded = samples(jpeg);
        byte[] pixels = Prepared.pixels(jpeg, WIDTH, HEIGHT);
        int exact = 0;
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int[] ink = decoded.getPixel(i % WIDTH, i / WIDTH, new int[4]);
            for (int channel = 0; channel < 3; channel++) {
                int product = (255 - ink[channel]) * ink[3] + 128;
                int expected = ink[3] - (((product >> 8) + product) >> 8);
                int level = pixels[3 * i + channel] & 0xff;
                assertThat(level).as("pixel %d", i).isBetween(expected - 1, expected + 1);
                exact += level == expected ? 1 : 0;
            }
        }
        assertThat(exact).isGreaterThan(WIDTH * HEIGHT * 3 / 2);
    }

    private static WritableRaster inks() {
        Random random = new Random(8);
        WritableRaster raster =
                Raster.createWritableRaster(new BandedSampleModel(DataBuffer.TYPE_BYTE, WIDTH, HEIGHT, 4), null);
        for (int i = 0; i < WIDTH * HEIGHT * 4; i++) {
            int x = i / 4 % WIDTH;
            int y = i / 4 / WIDTH;
            double wave = 128 + 127 * Math.sin(x * 0.05 * (1 + i % 4) + y * 0.1) + random.nextGaussian() * 6;
            raster.setSample(x, y, i % 4, (int) Math.min(255, Math.max(0, wave)));
        }
        return raster;
    }

    private static byte[] jpeg(Raster raster) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(raster, null, null), null);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** What the file holds of each ink. */
    private static Raster samples(byte[] jpeg) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (ImageInputStream stream = ImageIO.createImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(stream);
            return reader.readRaster(0, null);
        } finally {
            reader.dispose();
        }
    }
}

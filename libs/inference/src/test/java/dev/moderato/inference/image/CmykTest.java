package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BandedSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;

/** A JPEG of four inks, inverted as Adobe writes it, becomes RGB as Pillow makes it. */
class CmykTest {
    private static final int WIDTH = 160;
    private static final int HEIGHT = 90;

    @Test
    void inksBecomeColours() throws Exception {
        byte[] jpeg = jpeg(inks());
        Raster decoded = samples(jpeg);
        byte[] pixels = Prepared.pixels(jpeg, WIDTH, HEIGHT);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int[] ink = decoded.getPixel(i % WIDTH, i / WIDTH, new int[4]);
            for (int channel = 0; channel < 3; channel++) {
                assertThat(pixels[3 * i + channel] & 0xff).as("pixel %d", i).isEqualTo(level(ink[channel], ink[3]));
            }
        }
    }

    /** Three of them as YCbCr: colours in floating point are what libjpeg's whole numbers stand for, within a level. */
    @Test
    void transformedInksBecomeColours() throws Exception {
        byte[] jpeg = jpeg(inks());
        Raster decoded = samples(jpeg);
        byte[] pixels = Prepared.pixels(transformed(jpeg), WIDTH, HEIGHT);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int[] ink = decoded.getPixel(i % WIDTH, i / WIDTH, new int[4]);
            double blue = ink[1] - 128;
            double red = ink[2] - 128;
            double[] colours = {ink[0] + 1.402 * red, ink[0] - 0.344136 * blue - 0.714136 * red, ink[0] + 1.772 * blue};
            for (int channel = 0; channel < 3; channel++) {
                int inverted = 255 - (int) Math.round(Math.max(0, Math.min(255, colours[channel])));
                int expected = level(inverted, ink[3]);
                assertThat(pixels[3 * i + channel] & 0xff).as("pixel %d", i).isBetween(expected - 1, expected + 1);
            }
        }
    }

    /** What is too large for that is read by OpenCV, and within a level. */
    @Test
    void manyInksBecomeColoursWithinALevel() throws Exception {
        int side = 2060;
        WritableRaster raster =
                Raster.createWritableRaster(new BandedSampleModel(DataBuffer.TYPE_BYTE, side, side, 4), null);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                raster.setPixel(
                        x, y, new int[] {x * 255 / side, y * 255 / side, (x + y) * 127 / side, 255 - x * 90 / side});
            }
        }
        byte[] jpeg = jpeg(raster);
        Raster decoded = samples(jpeg);
        byte[] pixels = Prepared.pixels(jpeg, side, side);
        for (int i = 0; i < side * side; i += 97) {
            int[] ink = decoded.getPixel(i % side, i / side, new int[4]);
            for (int channel = 0; channel < 3; channel++) {
                int expected = level(ink[channel], ink[3]);
                assertThat(pixels[3 * i + channel] & 0xff).as("pixel %d", i).isBetween(expected - 1, expected + 1);
            }
        }
    }

    /** The file with an Adobe segment that says so, behind its start marker. */
    private static byte[] transformed(byte[] jpeg) {
        byte[] segment = {-1, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 2};
        byte[] whole = Arrays.copyOf(jpeg, jpeg.length + segment.length);
        System.arraycopy(segment, 0, whole, 2, segment.length);
        System.arraycopy(jpeg, 2, whole, 2 + segment.length, jpeg.length - 2);
        return whole;
    }

    /** What an inverted ink and inverted black give in Pillow. */
    private static int level(int ink, int black) {
        int product = (255 - ink) * black + 128;
        return black - (((product >> 8) + product) >> 8);
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

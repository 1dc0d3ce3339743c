package dev.moderato.inference.image;

import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * JPEGs of four inks. OpenCV makes RGB of them with levels that are one or two too bright and does not give the inks; Java's own reader
 * does, on the heap.
 *
 * @param ycck whether the file's Adobe segment says that three of them are transformed
 */
record JpegInks(boolean ycck) {
    /** 16 MB of inks. Images with more pixels are made smaller, where a level at a pixel makes no difference. */
    private static final long MOST_PIXELS = 4 << 20;

    private static final int CENTRE = 128;

    boolean canRead(int width, int height) {
        return (long) width * height <= MOST_PIXELS;
    }

    /** What the inks of so many pixels take, on the heap. */
    static long bytes(long pixels) {
        return 4 * pixels;
    }

    /**
     * Decodes to RGB with the arithmetic of libjpeg (YCCK) and Pillow (inks to RGB).
     *
     * @param encoded a whole JPEG of four components
     * @param into takes the pixels
     * @return null where it cannot be decoded
     */
    @Nullable
    Raster decode(byte[] encoded, int width, int height, ByteBuffer into) {
        byte[] inks = inks(encoded, width, height);
        if (inks == null) {
            return null;
        }
        for (int i = 0; i < inks.length; i += 4) {
            int a = inks[i] & 0xff;
            int b = inks[i + 1] & 0xff;
            int c = inks[i + 2] & 0xff;
            int k = inks[i + 3] & 0xff;
            if (ycck) {
                int blue = b - CENTRE;
                int red = c - CENTRE;
                b = 255 - level(a + ((32768 - 22554 * blue - 46802 * red) >> 16));
                c = 255 - level(a + ((116130 * blue + 32768) >> 16));
                a = 255 - level(a + ((91881 * red + 32768) >> 16));
            }
            into.put(mixed(a, k)).put(mixed(b, k)).put(mixed(c, k));
        }
        return new Raster(width, height, Raster.Layout.RGB, into.flip());
    }

    private static int level(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** What an ink and black give, both inverted, as Pillow takes every such file to be. */
    private static byte mixed(int ink, int black) {
        int product = (255 - ink) * black + 128;
        return (byte) (black - (((product >> 8) + product) >> 8));
    }

    private static byte @Nullable [] inks(byte[] encoded, int width, int height) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(stream, true, true);
            java.awt.image.Raster decoded = reader.readRaster(0, null);
            boolean asTold = decoded.getWidth() == width
                    && decoded.getHeight() == height
                    && decoded.getDataBuffer() instanceof DataBufferByte
                    && decoded.getNumBands() == 4;
            byte[] inks = asTold ? ((DataBufferByte) decoded.getDataBuffer()).getData() : null;
            return inks != null && inks.length == 4 * width * height ? inks : null;
        } catch (IOException | RuntimeException e) {
            return null;
        } finally {
            reader.dispose();
        }
    }
}

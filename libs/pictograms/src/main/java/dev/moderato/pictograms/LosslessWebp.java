package dev.moderato.pictograms;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes lossless WebP files (VP8L, RFC 9649): green subtracted, each pixel predicted from its left neighbour, the rest in
 * Huffman codes. No back references, so files are larger than libwebp's.
 */
final class LosslessWebp {
    private static final int GREEN_SYMBOLS = 256 + 24;
    private static final int DISTANCE_SYMBOLS = 40;
    private static final int PREDICT_LEFT = 1;
    private static final int OPAQUE = 255;

    private LosslessWebp() {}

    /** The file for an opaque picture of at most 16384 x 16384 pixels. */
    static byte[] encode(BufferedImage image) {
        byte[] stream = stream(image);
        int padded = stream.length + (stream.length & 1);
        ByteBuffer file = ByteBuffer.allocate(20 + padded).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(12 + padded);
        file.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(stream.length);
        return file.put(stream).array();
    }

    private static byte[] stream(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        var out = new BitWriter();
        out.write(0x2f, 8);
        out.write(width - 1, 14);
        out.write(height - 1, 14);
        out.write(0, 1); // no alpha
        out.write(0, 3); // version
        out.write(1, 1);
        out.write(2, 2); // transform: subtract green
        out.write(1, 1);
        out.write(0, 2); // transform: predictor, one mode for all blocks of 512 x 512
        out.write(7, 3);
        constantImage(PREDICT_LEFT, out);
        out.write(0, 1); // no further transform
        out.write(0, 1); // no colour cache
        out.write(0, 1); // one set of codes for the whole picture
        pixels(residuals(image.getRGB(0, 0, width, height, null, 0, width), width), out);
        return out.finish();
    }

    /** An image whose every pixel is the same: codes of one symbol each, and no bits for the pixels. */
    private static void constantImage(int green, BitWriter out) {
        out.write(0, 1); // no colour cache
        for (int symbol : new int[] {green, 0, 0, OPAQUE, 0}) {
            var counts = new int[256];
            counts[symbol] = 1;
            PrefixCode.of(counts).describe(out);
        }
    }

    /** What is left of each pixel: alpha, red, green, blue, a byte each, modulo 256. */
    private static int[] residuals(int[] argb, int width) {
        var plain = new int[argb.length];
        for (int i = 0; i < argb.length; i++) {
            int green = (argb[i] >> 8) & 0xff;
            plain[i] = pack(OPAQUE, ((argb[i] >> 16) & 0xff) - green, green, (argb[i] & 0xff) - green);
        }
        var residuals = new int[argb.length];
        for (int i = 0; i < argb.length; i++) {
            // The first pixel is predicted as opaque black, a row's first from the one above.
            int predicted = i == 0 ? 0xff000000 : i % width == 0 ? plain[i - width] : plain[i - 1];
            residuals[i] = minus(plain[i], predicted);
        }
        return residuals;
    }

    private static int minus(int one, int other) {
        return pack(
                (one >>> 24) - (other >>> 24),
                ((one >> 16) & 0xff) - ((other >> 16) & 0xff),
                ((one >> 8) & 0xff) - ((other >> 8) & 0xff),
                (one & 0xff) - (other & 0xff));
    }

    private static int pack(int alpha, int red, int green, int blue) {
        return ((alpha & 0xff) << 24) | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff);
    }

    private static void pixels(int[] residuals, BitWriter out) {
        var green = new int[GREEN_SYMBOLS];
        var red = new int[256];
        var blue = new int[256];
        var alpha = new int[256];
        for (int pixel : residuals) {
            green[(pixel >> 8) & 0xff]++;
            red[(pixel >> 16) & 0xff]++;
            blue[pixel & 0xff]++;
            alpha[pixel >>> 24]++;
        }
        PrefixCode[] codes = {
            PrefixCode.of(green),
            PrefixCode.of(red),
            PrefixCode.of(blue),
            PrefixCode.of(alpha),
            PrefixCode.of(new int[DISTANCE_SYMBOLS])
        };
        for (PrefixCode code : codes) {
            code.describe(out);
        }
        for (int pixel : residuals) {
            codes[0].write((pixel >> 8) & 0xff, out);
            codes[1].write((pixel >> 16) & 0xff, out);
            codes[2].write(pixel & 0xff, out);
            codes[3].write(pixel >>> 24, out);
        }
    }
}

package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** What is refused, and in which words. */
class RejectionTest {
    private static final Map<String, byte[]> FILES = Encoded.all();
    private static final String READ = "; JPEG, PNG, WebP, GIF and BMP are read";

    @Test
    void whatIsNoImage() {
        assertRejected(new byte[0]).hasMessage("EMPTY: the file has no bytes");
        assertRejected("<!DOCTYPE html>\n<html><body>404</body></html>")
                .hasMessage("NOT_AN_IMAGE: an HTML page" + READ);
        assertRejected("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
                .hasMessage("NOT_AN_IMAGE: an SVG document" + READ);
        assertRejected("<?xml version=\"1.0\"?><feed/>").hasMessage("NOT_AN_IMAGE: an XML document" + READ);
        assertRejected("BM is how this text starts, and it is none").hasMessage("NOT_AN_IMAGE: text" + READ);
        assertRejected("\1\2\3\4 something else\0")
                .hasMessage("NOT_AN_IMAGE: no known image format: the file starts with 01 02 03 04 20 73 6f 6d" + READ);
    }

    @Test
    void imagesThatAreNotRead() {
        assertRejected("II*\0\10\0\0\0\0\0\0\0\0").hasMessage("UNSUPPORTED: a TIFF image" + READ);
        assertRejected("\0\0\0\40ftypavif\0\0\0\0")
                .hasMessage("UNSUPPORTED: an ISO media file of brand 'avif' (AVIF, HEIC or video)" + READ);
        byte[] arithmetic = file("baseline.jpg").clone();
        arithmetic[frameHeader(arithmetic) + 1] = (byte) 0xc9;
        assertRejected(arithmetic)
                .hasMessage("UNSUPPORTED: an arithmetically coded JPEG; baseline and progressive Huffman-coded ones are"
                        + " read");
        byte[] deep = file("baseline.jpg").clone();
        deep[frameHeader(deep) + 4] = 12;
        assertRejected(deep).hasMessage("UNSUPPORTED: a JPEG of 12 bits a sample; 8 are read");
    }

    @Test
    void aWrongExtensionDoesNotMatter() throws ImageRejected {
        assertThat(Prepared.image(file("rgb.png"), Preprocessing.clip(8), DecodeOptions.defaults())
                        .info()
                        .format())
                .isEqualTo(ImageFormat.PNG);
    }

    @Test
    void brokenStructure() {
        byte[] png = file("rgb.png").clone();
        png[50] ^= 1;
        assertRejected(png)
                .hasMessageMatching("CORRUPT: the PNG's chunk IDAT at byte \\d+ does not match its checksum");
        assertRejected(Encoded.png(2, 1, 8, 0, new byte[] {7, 1, 2}))
                .hasMessage("CORRUPT: the PNG has a row with the unknown filter 7");
        assertRejected(Encoded.png(2, 2, 8, 0, new byte[] {0, 1, 2, 0, 1}))
                .hasMessage("CORRUPT: the PNG's pixels end early or are damaged");
        byte[] jpeg = file("baseline.jpg");
        byte[] twice = ByteBuffer.allocate(2 * jpeg.length - 4)
                .put(jpeg, 0, jpeg.length - 2)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
        assertRejected(twice).hasMessageStartingWith("CORRUPT: the JPEG has a second frame header at byte ");
        byte[] gif = file("palette.gif").clone();
        gif[gif.length - 1] = 0x77;
        assertRejected(gif).hasMessageStartingWith("CORRUPT: the GIF has an unknown block 119 at byte ");
    }

    @Test
    void tooManyBytes() {
        assertRejected(file("rgb.png"), limits(1000, 50_000_000, 16_384, 500, 1 << 20))
                .hasMessageMatching("TOO_MANY_BYTES: \\d+ bytes; at most 1000 are allowed");
    }

    @Test
    void tooManyPixels() {
        for (Map.Entry<String, byte[]> file : FILES.entrySet()) {
            String format =
                    file.getKey().replaceAll(".*\\.", "").replace("jpg", "jpeg").toUpperCase(Locale.ROOT);
            assertRejected(file.getValue(), limits(1 << 20, 2000, 16_384, 500, 1 << 20))
                    .hasMessage("TOO_MANY_PIXELS: the " + format + " is 61x47 = 2867 pixels; at most 2000 are allowed");
            assertRejected(file.getValue(), limits(1 << 20, 50_000_000, 60, 500, 1 << 20))
                    .hasMessage("TOO_MANY_PIXELS: the " + format + " is 61x47 pixels; a side may have 60");
        }
    }

    @Test
    void aBombIsRefusedByItsHeaderAlone() {
        byte[] header = Arrays.copyOf(file("rgb.png"), 33);
        ByteBuffer.wrap(header).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
        assertRejected(header)
                .hasMessage("TOO_MANY_PIXELS: the PNG is 2147483647x2147483647 pixels; a side may have 16384");
        ByteBuffer bmp = ByteBuffer.wrap(file("rgb.bmp").clone()).order(ByteOrder.LITTLE_ENDIAN);
        bmp.putInt(18, 100_000).putInt(22, Integer.MIN_VALUE);
        assertRejected(bmp.array())
                .hasMessage("TOO_MANY_PIXELS: the BMP is 100000x2147483648 pixels; a side may have 16384");
        byte[] huge = Arrays.copyOf(file("rgb.png"), 33);
        ByteBuffer.wrap(huge).putInt(16, 7000).putInt(20, 7000);
        byte[] chunk = Encoded.pngChunk("IHDR", Arrays.copyOfRange(huge, 16, 29));
        byte[] small = Encoded.pngChunk("IDAT", new byte[99]);
        byte[] end = Encoded.pngChunk("IEND", new byte[0]);
        byte[] file = ByteBuffer.allocate(8 + chunk.length + small.length + end.length)
                .put(huge, 0, 8)
                .put(chunk)
                .put(small)
                .put(end)
                .array();
        assertRejected(file).hasMessage("TRUNCATED: the PNG holds 99 bytes of pixels, too few for 7000x7000");
    }

    @Test
    void tooManyFrames() {
        for (String name : new String[] {"animated.png", "animated.webp", "animated.gif"}) {
            assertRejected(file(name), limits(1 << 20, 50_000_000, 16_384, 2, 1 << 20))
                    .hasMessage("TOO_MANY_FRAMES: the animation has more than 2 frames");
        }
    }

    @Test
    void tooManyPixelsInAllFramesTogether() {
        ImageLimits limits = limits(1 << 20, 3000, 16_384, 500, 1 << 20);
        assertThatThrownBy(
                        () -> ImagePreprocessor.create(Preprocessing.clip(8), limits, new DecodeOptions(true, 3, false))
                                .preprocess(file("animated.gif")))
                .hasMessage(
                        "TOO_MANY_PIXELS: the animation's frames have 8601 pixels up to the last one wanted; at most"
                                + " 6000 are allowed");
    }

    @Test
    void tooMuchMetadata() {
        String message = "TOO_MUCH_METADATA: more than 20 bytes of the file are not pixels (EXIF, profiles, comments)";
        assertRejected(file("exif.jpg"), limits(1 << 20, 50_000_000, 16_384, 500, 20))
                .hasMessage(message);
        byte[] png = file("rgb.png");
        byte[] text = Encoded.pngChunk("tEXt", "a\0comment of many words".getBytes(StandardCharsets.US_ASCII));
        byte[] commented = ByteBuffer.allocate(png.length + text.length)
                .put(png, 0, 33)
                .put(text)
                .put(png, 33, png.length - 33)
                .array();
        assertRejected(commented, limits(1 << 20, 50_000_000, 16_384, 500, 20)).hasMessage(message);
    }

    @Test
    void moreMemoryThanThereIsForAllImages() {
        ImageLimits limits = new ImageLimits(1 << 20, 50_000_000, 16_384, 500, 1 << 20, 200_000, 1, Duration.ZERO);
        assertRejected(file("rgb.png"), limits)
                .hasMessage(
                        "TOO_MANY_PIXELS: decoding takes 459569 bytes of memory; the budget for all images is 200000");
    }

    @Test
    void limitsThatCannotBe() {
        assertThatThrownBy(() -> limits(0, 1, 1, 1, 1)).hasMessage("maxBytes must be 1 to 2147483647, not 0");
        assertThatThrownBy(() -> limits(1, 1, 70_000, 1, 1)).hasMessage("maxSide must be 1 to 65535, not 70000");
    }

    private static byte[] file(String name) {
        return Objects.requireNonNull(FILES.get(name), name);
    }

    private static int frameHeader(byte[] jpeg) {
        for (int at = 0; ; at++) {
            if (jpeg[at] == (byte) 0xff && jpeg[at + 1] == (byte) 0xc0) {
                return at;
            }
        }
    }

    private static ImageLimits limits(long bytes, long pixels, int side, int frames, int metadata) {
        return new ImageLimits(bytes, pixels, side, frames, metadata, 1 << 30, 8, Duration.ofSeconds(1));
    }

    private static AbstractThrowableAssert<?, ?> assertRejected(String file) {
        return assertRejected(file.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static AbstractThrowableAssert<?, ?> assertRejected(byte[] file) {
        return assertRejected(file, ImageLimits.defaults());
    }

    private static AbstractThrowableAssert<?, ?> assertRejected(byte[] file, ImageLimits limits) {
        return assertThatThrownBy(
                        () -> ImagePreprocessor.create(Preprocessing.clip(8), limits, DecodeOptions.defaults())
                                .preprocess(file))
                .isInstanceOf(ImageRejected.class);
    }
}

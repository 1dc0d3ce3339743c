package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Point;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of file gives the pixels that were put into it. */
class ImageFormatsTest {
    private static final int WIDTH = Encoded.WIDTH;
    private static final int HEIGHT = Encoded.HEIGHT;
    private static final BufferedImage PHOTO = Pixels.photo(1, WIDTH, HEIGHT);
    private static final Map<String, byte[]> FILES = Encoded.all();

    static Stream<String> names() {
        return FILES.keySet().stream();
    }

    private static byte[] file(String name) {
        return Objects.requireNonNull(FILES.get(name), name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsEveryKind(String name) throws ImageRejected {
        PreparedImage image = Prepared.image(file(name), Preprocessing.clip(32), new DecodeOptions(false, 1, false));
        String format = image.info().format() == ImageFormat.JPEG
                ? "JPG"
                : image.info().format().name();
        assertThat(name).endsWithIgnoringCase("." + format);
        assertThat(image.info().width()).isEqualTo(WIDTH);
        assertThat(image.info().height()).isEqualTo(HEIGHT);
        assertThat(image.frames().get(0)).hasSize(32 * 32 * 3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb.png",
                "interlaced.png",
                "alpha.png",
                "rgb-16.png",
                "alpha-16.png",
                "animated.png",
                "lossless.webp",
                "rgb.bmp"
            })
    void losslessFilesKeepEveryPixel(String name) throws ImageRejected {
        assertThat(Prepared.pixels(file(name), WIDTH, HEIGHT)).isEqualTo(Pixels.rgb(PHOTO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"palette.png", "palette.gif", "interlaced.gif", "animated.gif", "palette.bmp", "runs.bmp"})
    void paletteFilesKeepEveryPixel(String name) throws ImageRejected {
        byte[] expected = Pixels.rgb(Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, PHOTO));
        assertThat(Prepared.pixels(file(name), WIDTH, HEIGHT)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bilevel.png", "bilevel.bmp"})
    void bilevelFilesKeepEveryPixel(String name) throws ImageRejected {
        byte[] expected = Pixels.rgb(Pixels.as(BufferedImage.TYPE_BYTE_BINARY, PHOTO));
        assertThat(Prepared.pixels(file(name), WIDTH, HEIGHT)).isEqualTo(expected);
    }

    @Test
    void greyKeepsItsLevels() throws ImageRejected {
        BufferedImage grey = Pixels.as(BufferedImage.TYPE_BYTE_GRAY, PHOTO);
        byte[] levels = ((DataBufferByte) grey.getRaster().getDataBuffer()).getData();
        assertThat(Prepared.pixels(file("grey.png"), WIDTH, HEIGHT)).isEqualTo(Pixels.grey(levels));
    }

    @Test
    void sixteenBitGreyKeepsItsHighByte() throws ImageRejected {
        BufferedImage grey = Pixels.as(BufferedImage.TYPE_USHORT_GRAY, PHOTO);
        byte[] levels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) (grey.getRaster().getSample(i % WIDTH, i / WIDTH, 0) >> 8);
        }
        assertThat(Prepared.pixels(file("grey-16.png"), WIDTH, HEIGHT)).isEqualTo(Pixels.grey(levels));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void palettesOfFewBitsKeepEveryPixel(int bits) throws ImageRejected {
        BufferedImage image = fewColours(bits, WIDTH, HEIGHT);
        byte[] expected = Pixels.rgb(image);
        assertThat(Prepared.pixels(Encoded.imageIo("png", image, false), WIDTH, HEIGHT))
                .isEqualTo(expected);
        assertThat(Prepared.pixels(Encoded.imageIo("gif", image, false), WIDTH, HEIGHT))
                .isEqualTo(expected);
        if (bits != 2) {
            assertThat(Prepared.pixels(Encoded.imageIo("bmp", image, false), WIDTH, HEIGHT))
                    .isEqualTo(expected);
        }
    }

    @Test
    void runsOfFourBitsKeepEveryPixel() throws ImageRejected {
        BufferedImage image = fewColours(4, 60, 20); // ImageIO writes odd widths wrong
        byte[] runs = Encoded.compressed("bmp", "BI_RLE4", image);
        assertThat(Prepared.pixels(runs, 60, 20)).isEqualTo(Pixels.rgb(image));
    }

    private static BufferedImage fewColours(int bits, int width, int height) {
        int colours = 1 << bits;
        byte[] red = new byte[colours];
        byte[] green = new byte[colours];
        byte[] blue = new byte[colours];
        for (int i = 0; i < colours; i++) {
            red[i] = (byte) (i * 17 + 3);
            green[i] = (byte) (255 - i * 11);
            blue[i] = (byte) (i * 101);
        }
        BufferedImage image = new BufferedImage(
                width, height, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(bits, colours, red, green, blue));
        for (int i = 0; i < width * height; i++) {
            image.getRaster().setSample(i % width, i / width, 0, i * 7 / 3 % colours);
        }
        return image;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "baseline.jpg",
                "progressive.jpg",
                "restart.jpg",
                "progressive-restart.jpg",
                "optimised.jpg",
                "sampling-444.jpg",
                "sampling-422.jpg",
                "sampling-440.jpg",
                "sampling-411.jpg",
                "grey.jpg",
                "lossy.webp"
            })
    void lossyFilesGiveWhatTheCodecMakesOfThem(String name) throws ImageRejected {
        byte[] file = file(name);
        try (Mat encoded = new Mat(1, file.length, opencv_core.CV_8UC1)) {
            encoded.data().put(file);
            try (Mat decoded = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR_RGB)) {
                byte[] expected = new byte[WIDTH * HEIGHT * 3];
                decoded.data().get(expected);
                assertThat(Prepared.pixels(file, WIDTH, HEIGHT)).isEqualTo(expected);
            }
        }
    }

    @Test
    void sixteenBitBitmapsAreStretchedToEightBits() throws ImageRejected {
        byte[] pixels = Prepared.pixels(file("rgb-16.bmp"), WIDTH, HEIGHT);
        int pixel = Pixels.as(BufferedImage.TYPE_USHORT_565_RGB, PHOTO)
                .getRaster()
                .getDataBuffer()
                .getElem(5 * WIDTH + 7);
        int at = 3 * (5 * WIDTH + 7);
        assertThat(pixels[at] & 0xff).isEqualTo((pixel >> 11) * 255 / 31);
        assertThat(pixels[at + 1] & 0xff).isEqualTo((pixel >> 5 & 63) * 255 / 63);
        assertThat(pixels[at + 2] & 0xff).isEqualTo((pixel & 31) * 255 / 31);
    }

    @Test
    void bitmapsMayRunFromTheTop() throws ImageRejected {
        ByteBuffer bmp = ByteBuffer.allocate(14 + 40 + 2 * 1 * 4).order(ByteOrder.LITTLE_ENDIAN);
        bmp.put((byte) 'B').put((byte) 'M').putInt(bmp.capacity()).putInt(0).putInt(54);
        bmp.putInt(40)
                .putInt(1)
                .putInt(-2)
                .putShort((short) 1)
                .putShort((short) 32)
                .putInt(0)
                .position(54);
        bmp.putInt(0x112233).putInt(0x445566);
        assertThat(Prepared.pixels(bmp.array(), 1, 2)).isEqualTo(new byte[] {0x11, 0x22, 0x33, 0x44, 0x55, 0x66});
    }

    /** As Pillow reads them. */
    @Test
    void indicesBeyondAPngsPaletteAreGrey() throws ImageRejected {
        byte[] file = Encoded.png(
                3, 1, 8, 3, new byte[] {0, 0, 1, 77}, Encoded.pngChunk("PLTE", new byte[] {10, 20, 30, 40, 50, 60}));
        assertThat(Prepared.pixels(file, 3, 1)).isEqualTo(new byte[] {10, 20, 30, 40, 50, 60, 77, 77, 77});
    }

    @Test
    void greyPngsOfFewBitsAreSpreadToAllLevels() throws ImageRejected {
        byte[] two = Encoded.png(4, 1, 2, 0, new byte[] {0, 0b00_01_10_11});
        assertThat(Prepared.pixels(two, 4, 1)).isEqualTo(Pixels.grey(new byte[] {0, 85, (byte) 170, (byte) 255}));
        byte[] four = Encoded.png(3, 1, 4, 0, new byte[] {0, 0x01, (byte) 0xf0});
        assertThat(Prepared.pixels(four, 3, 1)).isEqualTo(Pixels.grey(new byte[] {0, 17, (byte) 255}));
    }

    @Test
    void pixelsBeyondAPngsLastRowAreIgnored() throws ImageRejected {
        byte[] file = Encoded.png(1, 1, 8, 0, new byte[] {0, 5, 0, 6, 0, 7});
        assertThat(Prepared.pixels(file, 1, 1)).isEqualTo(new byte[] {5, 5, 5});
    }

    @Test
    void whatFollowsAnImageIsIgnored() throws ImageRejected {
        for (String name :
                List.of("baseline.jpg", "progressive.jpg", "rgb.png", "lossless.webp", "palette.gif", "rgb.bmp")) {
            byte[] file = file(name);
            byte[] longer = Arrays.copyOf(file, file.length + 999);
            assertThat(Prepared.pixels(longer, WIDTH, HEIGHT)).isEqualTo(Prepared.pixels(file, WIDTH, HEIGHT));
        }
    }

    /** Where the pixel at (x, y) of the upright image is stored, by orientation: EXIF 2.3, section 4.6.4. */
    private static final List<BiFunction<Integer, Integer, Point>> STORED_AT = List.of(
            (x, y) -> new Point(x, y),
            (x, y) -> new Point(WIDTH - 1 - x, y),
            (x, y) -> new Point(WIDTH - 1 - x, HEIGHT - 1 - y),
            (x, y) -> new Point(x, HEIGHT - 1 - y),
            (x, y) -> new Point(y, x),
            (x, y) -> new Point(y, HEIGHT - 1 - x),
            (x, y) -> new Point(WIDTH - 1 - y, HEIGHT - 1 - x),
            (x, y) -> new Point(WIDTH - 1 - y, x));

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void turnsByExifInEveryFormatThatHasIt(int orientation) throws ImageRejected {
        boolean sideways = orientation >= 5;
        BufferedImage upright =
                new BufferedImage(sideways ? HEIGHT : WIDTH, sideways ? WIDTH : HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < upright.getHeight(); y++) {
            for (int x = 0; x < upright.getWidth(); x++) {
                Point stored = STORED_AT.get(orientation - 1).apply(x, y);
                upright.setRGB(x, y, PHOTO.getRGB(stored.x, stored.y));
            }
        }
        byte[] png = file("rgb.png");
        byte[] chunk = Encoded.pngChunk("eXIf", Encoded.exif(orientation));
        byte[] turnedPng = ByteBuffer.allocate(png.length + chunk.length)
                .put(png, 0, 33)
                .put(chunk)
                .put(png, 33, png.length - 33)
                .array();
        assertThat(Prepared.pixels(turnedPng, upright.getWidth(), upright.getHeight()))
                .isEqualTo(Pixels.rgb(upright));

        byte[] webp = file("lossless.webp");
        byte[] exif = Encoded.riffChunk("EXIF", Encoded.exif(orientation));
        byte[] turnedWebp = Encoded.riff(ByteBuffer.allocate(webp.length - 12 + exif.length)
                .put(webp, 12, webp.length - 12)
                .put(exif)
                .array());
        assertThat(Prepared.pixels(turnedWebp, upright.getWidth(), upright.getHeight()))
                .isEqualTo(Pixels.rgb(upright));

        byte[] jpeg = Encoded.withExif(file("baseline.jpg"), orientation);
        PreparedImage turned = Prepared.image(
                jpeg, Prepared.squash(upright.getWidth(), upright.getHeight()), DecodeOptions.defaults());
        assertThat(turned.info().width()).isEqualTo(upright.getWidth());
        byte[] stored = Prepared.pixels(file("baseline.jpg"), WIDTH, HEIGHT);
        Point corner = STORED_AT.get(orientation - 1).apply(0, 0);
        assertThat(turned.frames().get(0)[1]).isEqualTo(stored[3 * (corner.y * WIDTH + corner.x) + 1]);

        byte[] ignored = Prepared.image(jpeg, Prepared.squash(WIDTH, HEIGHT), new DecodeOptions(false, 1, false))
                .frames()
                .get(0);
        assertThat(ignored).isEqualTo(stored);
    }

    @Test
    void brokenExifLeavesTheImageAsStored() throws ImageRejected {
        byte[] stored = Prepared.pixels(file("baseline.jpg"), WIDTH, HEIGHT);
        byte[] jpeg = Encoded.withExif(file("baseline.jpg"), 6);
        for (int at = 12; at < 38; at++) {
            byte[] broken = jpeg.clone();
            broken[at] ^= (byte) 0xff;
            PreparedImage image = Prepared.image(broken, Prepared.squash(WIDTH, HEIGHT), DecodeOptions.defaults());
            assertThat(image.info().frames()).isEqualTo(1);
        }
        jpeg[12] = 'X';
        assertThat(Prepared.pixels(jpeg, WIDTH, HEIGHT)).isEqualTo(stored);
    }
}

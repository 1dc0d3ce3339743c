package dev.moderato.inference.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Image files of every kind, made here. */
final class Encoded {
    static final int WIDTH = 61;
    static final int HEIGHT = 47;

    private Encoded() {}

    /** One small file of every kind that is read, by name. */
    static Map<String, byte[]> all() {
        BufferedImage photo = Pixels.photo(1, WIDTH, HEIGHT);
        BufferedImage other = Pixels.photo(2, WIDTH, HEIGHT);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("baseline.jpg", jpeg(photo));
        files.put("progressive.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1));
        files.put("restart.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, 3));
        files.put(
                "progressive-restart.jpg",
                jpeg(
                        photo,
                        opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
                        1,
                        opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL,
                        2));
        files.put("optimised.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE, 1));
        files.put("sampling-444.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111));
        files.put("sampling-422.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR, 0x211111));
        files.put("sampling-440.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR, 0x121111));
        files.put("sampling-411.jpg", jpeg(photo, opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR, 0x411111));
        files.put("grey.jpg", imageIo("jpeg", Pixels.as(BufferedImage.TYPE_BYTE_GRAY, photo), false));
        files.put("exif.jpg", withExif(jpeg(photo), 6));
        files.put("rgb.png", imageIo("png", photo, false));
        files.put("interlaced.png", imageIo("png", photo, true));
        files.put("grey.png", imageIo("png", Pixels.as(BufferedImage.TYPE_BYTE_GRAY, photo), false));
        files.put("grey-16.png", imageIo("png", Pixels.as(BufferedImage.TYPE_USHORT_GRAY, photo), false));
        files.put("bilevel.png", imageIo("png", Pixels.as(BufferedImage.TYPE_BYTE_BINARY, photo), false));
        files.put("palette.png", imageIo("png", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, photo), false));
        files.put("alpha.png", imageIo("png", transparent(photo), false));
        files.put("rgb-16.png", openCv(".png", wide(photo, 3)));
        files.put("alpha-16.png", openCv(".png", wide(photo, 4)));
        files.put("animated.png", apngOf(List.of(photo, other, photo)));
        files.put("lossless.webp", openCv(".webp", mat(photo), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 101));
        files.put("lossy.webp", openCv(".webp", mat(photo), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 80));
        files.put(
                "lossy-alpha.webp",
                openCv(".webp", mat(transparent(photo)), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 80));
        files.put(
                "lossless-alpha.webp",
                openCv(".webp", mat(transparent(photo)), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 101));
        files.put("animated.webp", animatedWebp(List.of(photo, other, transparent(photo)), 80));
        files.put("animated-lossless.webp", animatedWebp(List.of(photo, transparent(other)), 101));
        files.put("palette.gif", imageIo("gif", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, photo), false));
        files.put("interlaced.gif", imageIo("gif", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, photo), true));
        files.put("animated.gif", gif(WIDTH, HEIGHT, List.of(gifFrame(photo), gifFrame(other), gifFrame(photo))));
        files.put("rgb.bmp", imageIo("bmp", Pixels.as(BufferedImage.TYPE_3BYTE_BGR, photo), false));
        files.put("palette.bmp", imageIo("bmp", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, photo), false));
        files.put("bilevel.bmp", imageIo("bmp", Pixels.as(BufferedImage.TYPE_BYTE_BINARY, photo), false));
        files.put("rgb-16.bmp", imageIo("bmp", Pixels.as(BufferedImage.TYPE_USHORT_565_RGB, photo), false));
        files.put("runs.bmp", compressed("bmp", "BI_RLE8", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, photo)));
        return files;
    }

    static BufferedImage transparent(BufferedImage image) {
        BufferedImage result = Pixels.as(BufferedImage.TYPE_4BYTE_ABGR, image);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int alpha = x < 9 ? 0 : Math.min(255, 8 * y);
                result.setRGB(x, y, alpha << 24 | (image.getRGB(x, y) & 0xffffff));
            }
        }
        return result;
    }

    static byte[] jpeg(BufferedImage image, int... settings) {
        return openCv(".jpg", mat(image), settings);
    }

    static byte[] openCv(String extension, Mat image, int... settings) {
        try (BytePointer encoded = new BytePointer();
                IntPointer parameters = new IntPointer(settings)) {
            if (!opencv_imgcodecs.imencode(extension, image, encoded, parameters)) {
                throw new IllegalStateException("OpenCV cannot write " + extension);
            }
            byte[] bytes = new byte[(int) encoded.limit()];
            encoded.get(bytes);
            return bytes;
        }
    }

    /** BGR, or BGRA where the picture is transparent. */
    static Mat mat(BufferedImage image) {
        boolean alpha = image.getColorModel().hasAlpha();
        int channels = alpha ? 4 : 3;
        byte[] samples = new byte[image.getWidth() * image.getHeight() * channels];
        for (int i = 0; i < samples.length / channels; i++) {
            int pixel = image.getRGB(i % image.getWidth(), i / image.getWidth());
            for (int channel = 0; channel < channels; channel++) {
                samples[i * channels + channel] = (byte) (pixel >> (8 * channel));
            }
        }
        Mat mat = new Mat(image.getHeight(), image.getWidth(), opencv_core.CV_8UC(channels));
        mat.data().put(samples);
        return mat;
    }

    /** 16-bit samples: the picture's as the high byte, noise as the low one. */
    static Mat wide(BufferedImage image, int channels) {
        byte[] samples = new byte[image.getWidth() * image.getHeight() * channels * 2];
        for (int i = 0; i < samples.length / 2; i++) {
            int pixel = image.getRGB(i / channels % image.getWidth(), i / channels / image.getWidth());
            samples[2 * i] = (byte) (i * 37);
            samples[2 * i + 1] = (byte) (pixel >> (8 * (i % channels)));
        }
        Mat mat = new Mat(image.getHeight(), image.getWidth(), opencv_core.CV_16UC(channels));
        mat.data().put(samples);
        return mat;
    }

    static byte[] imageIo(String format, BufferedImage image, boolean interlaced) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        if (parameters.canWriteProgressive()) {
            parameters.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        }
        return write(writer, image, parameters);
    }

    static byte[] compressed(String format, String compression, BufferedImage image) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionType(compression);
        return write(writer, image, parameters);
    }

    private static byte[] write(ImageWriter writer, BufferedImage image, ImageWriteParam parameters) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** A TIFF structure with the orientation alone. */
    static byte[] exif(int orientation) {
        return ByteBuffer.allocate(26)
                .put("MM\0*".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    static byte[] withExif(byte[] jpeg, int orientation) {
        byte[] exif = exif(orientation);
        return ByteBuffer.allocate(jpeg.length + 10 + exif.length)
                .put(jpeg, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (8 + exif.length))
                .put("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1))
                .put(exif)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    /** @param rows the filtered rows, each after its filter's number */
    static byte[] png(int width, int height, int depth, int colour, byte[] rows, byte[]... before) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        out.writeBytes(pngChunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) depth)
                        .put((byte) colour)
                        .array()));
        for (byte[] chunk : before) {
            out.writeBytes(chunk);
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
            deflater.write(rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.writeBytes(pngChunk("IDAT", data.toByteArray()));
        out.writeBytes(pngChunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    static byte[] pngChunk(String name, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(data);
        CRC32 sum = new CRC32();
        sum.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) sum.getValue()).array();
    }

    /** Frames that each replace the last, all of one size. */
    static byte[] apngOf(List<BufferedImage> frames) {
        return apng(frames.stream()
                .map(frame ->
                        new PngFrame(imageIo("png", frame, false), frame.getWidth(), frame.getHeight(), 0, 0, 0, 0))
                .toList());
    }

    /** A frame of an APNG: a PNG file of the same kind as the others, and where and how it is shown. */
    record PngFrame(byte[] png, int width, int height, int x, int y, int disposal, int blend) {}

    static byte[] apng(List<PngFrame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] first = frames.get(0).png();
        out.write(first, 0, 33);
        out.writeBytes(pngChunk(
                "acTL", ByteBuffer.allocate(8).putInt(frames.size()).putInt(0).array()));
        int sequence = 0;
        for (int i = 0; i < frames.size(); i++) {
            PngFrame frame = frames.get(i);
            out.writeBytes(pngChunk(
                    "fcTL",
                    ByteBuffer.allocate(26)
                            .putInt(sequence++)
                            .putInt(frame.width())
                            .putInt(frame.height())
                            .putInt(frame.x())
                            .putInt(frame.y())
                            .putInt(0x000a0064)
                            .put((byte) frame.disposal())
                            .put((byte) frame.blend())
                            .array()));
            byte[] data = imageData(frame.png());
            if (i == 0) {
                out.writeBytes(pngChunk("IDAT", data));
            } else {
                byte[] numbered = ByteBuffer.allocate(4 + data.length)
                        .putInt(sequence++)
                        .put(data)
                        .array();
                out.writeBytes(pngChunk("fdAT", numbered));
            }
        }
        out.writeBytes(pngChunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    private static byte[] imageData(byte[] png) {
        ByteBuffer file = ByteBuffer.wrap(png);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int at = 8; at < png.length; at += 12 + file.getInt(at)) {
            if (new String(png, at + 4, 4, StandardCharsets.US_ASCII).equals("IDAT")) {
                data.write(png, at + 8, file.getInt(at));
            }
        }
        return data.toByteArray();
    }

    /** Frames that each cover the canvas; what is transparent in one shows the last. */
    static byte[] animatedWebp(List<BufferedImage> frames, int quality) {
        return animatedWebp(
                frames.get(0).getWidth(),
                frames.get(0).getHeight(),
                frames.stream()
                        .map(frame -> new WebpFrame(
                                openCv(".webp", mat(frame), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, quality),
                                frame.getWidth(),
                                frame.getHeight(),
                                0,
                                0,
                                0))
                        .toList());
    }

    /** A frame of an animated WebP: a WebP file, and where and how it is shown; x and y are even. */
    record WebpFrame(byte[] webp, int width, int height, int x, int y, int flags) {}

    static byte[] animatedWebp(int width, int height, List<WebpFrame> frames) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ByteBuffer canvas = little(10).putInt(0x12);
        little24(canvas, width - 1);
        little24(canvas, height - 1);
        body.writeBytes(riffChunk("VP8X", bytes(canvas)));
        body.writeBytes(riffChunk("ANIM", new byte[6]));
        for (WebpFrame frame : frames) {
            byte[] chunks = imageChunks(frame.webp());
            ByteBuffer data = little(16 + chunks.length);
            for (int number : new int[] {frame.x() / 2, frame.y() / 2, frame.width() - 1, frame.height() - 1, 100}) {
                little24(data, number);
            }
            body.writeBytes(
                    riffChunk("ANMF", bytes(data.put((byte) frame.flags()).put(chunks))));
        }
        return riff(body.toByteArray());
    }

    static byte[] riff(byte[] body) {
        return little(12 + body.length)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(4 + body.length)
                .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                .put(body)
                .array();
    }

    static byte[] riffChunk(String name, byte[] data) {
        return little(8 + data.length + data.length % 2)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .putInt(data.length)
                .put(data)
                .array();
    }

    /** The chunks ALPH, VP8 and VP8L of a still WebP file. */
    private static byte[] imageChunks(byte[] webp) {
        ByteBuffer file = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        int at = 12;
        while (at < webp.length) {
            int length = file.getInt(at + 4);
            int padded = 8 + length + length % 2;
            if (!new String(webp, at, 4, StandardCharsets.US_ASCII).equals("VP8X")) {
                chunks.write(webp, at, padded);
            }
            at += padded;
        }
        return chunks.toByteArray();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer full) {
        byte[] bytes = new byte[full.position()];
        full.flip().get(bytes);
        return bytes;
    }

    private static void little24(ByteBuffer into, int value) {
        into.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
    }

    /** A frame of a GIF: a GIF file, where and how it is shown; transparent is a palette index or -1. */
    record GifFrame(byte[] gif, int x, int y, int disposal, int transparent) {}

    static GifFrame gifFrame(BufferedImage image) {
        return new GifFrame(imageIo("gif", Pixels.as(BufferedImage.TYPE_BYTE_INDEXED, image), false), 0, 0, 0, -1);
    }

    static byte[] gif(int width, int height, List<GifFrame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(
                little(7).putShort((short) width).putShort((short) height).array());
        for (GifFrame frame : frames) {
            byte[] gif = frame.gif();
            int paletteBytes = 3 * (2 << (gif[10] & 7));
            int image = 13 + paletteBytes;
            while (gif[image] == 0x21) { // an extension
                image += 2;
                while (gif[image] != 0) {
                    image += 1 + (gif[image] & 0xff);
                }
                image++;
            }
            boolean transparent = frame.transparent() >= 0;
            out.writeBytes(new byte[] {
                0x21,
                (byte) 0xf9,
                4,
                (byte) (frame.disposal() << 2 | (transparent ? 1 : 0)),
                10,
                0,
                (byte) Math.max(0, frame.transparent()),
                0
            });
            out.write(0x2c);
            out.writeBytes(little(4)
                    .putShort((short) frame.x())
                    .putShort((short) frame.y())
                    .array());
            out.write(gif, image + 5, 4);
            out.write((gif[image + 9] & 0x40) | 0x80 | (gif[10] & 7));
            out.write(gif, 13, paletteBytes);
            out.write(gif, image + 10, gif.length - image - 11);
        }
        out.write(0x3b);
        return out.toByteArray();
    }
}

package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** Tells a file's format by its first bytes, whatever its name or content type says. */
final class Signature {
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int TEXT_SAMPLE = 512;

    /** Formats that are images and are not read, by what stands at a place in the file. */
    private static final Map<String, String> UNSUPPORTED_START = Map.of(
            "II*\0", "TIFF",
            "MM\0*", "TIFF",
            "8BPS", "Photoshop",
            "\0\0\1\0", "Windows icon",
            "\0\0\0\fJXL ", "JPEG XL",
            "\0\0\0\fjP  ", "JPEG 2000",
            "qoif", "QOI",
            "DDS ", "DDS");

    private Signature() {}

    /** @throws ImageRejected NOT_AN_IMAGE, UNSUPPORTED, or TRUNCATED where a known signature is cut short */
    static ImageFormat of(byte[] file) throws ImageRejected {
        if (FileBytes.startsWith(file, 0, JPEG)) {
            return ImageFormat.JPEG;
        }
        if (FileBytes.startsWith(file, 0, PNG)) {
            return ImageFormat.PNG;
        }
        if (starts(file, 0, "GIF87a") || starts(file, 0, "GIF89a")) {
            return ImageFormat.GIF;
        }
        if (starts(file, 0, "RIFF") && starts(file, 8, "WEBP")) {
            return ImageFormat.WEBP;
        }
        if (starts(file, 0, "BM") && !isText(file)) {
            return ImageFormat.BMP;
        }
        throw unknown(file);
    }

    private static ImageRejected unknown(byte[] file) {
        for (Map.Entry<String, String> known : UNSUPPORTED_START.entrySet()) {
            if (starts(file, 0, known.getKey())) {
                return new ImageRejected(Reason.UNSUPPORTED, "a " + known.getValue() + " image; " + supported());
            }
        }
        if (starts(file, 4, "ftyp")) {
            String brand = new String(file, 8, Math.min(4, file.length - 8), StandardCharsets.US_ASCII);
            return new ImageRejected(
                    Reason.UNSUPPORTED,
                    "an ISO media file of brand '" + brand.replaceAll("[^ -~]", "?") + "' (AVIF, HEIC or video); "
                            + supported());
        }
        if (isCutShort(file)) {
            return new ImageRejected(
                    Reason.TRUNCATED, "the file ends after " + file.length + " bytes, inside an image's signature");
        }
        return new ImageRejected(Reason.NOT_AN_IMAGE, describe(file) + "; " + supported());
    }

    private static String describe(byte[] file) {
        if (!isText(file)) {
            StringBuilder hex = new StringBuilder();
            for (int i = 0; i < Math.min(8, file.length); i++) {
                hex.append(String.format(Locale.ROOT, " %02x", file[i]));
            }
            return "no known image format: the file starts with" + hex;
        }
        String start = new String(file, 0, Math.min(TEXT_SAMPLE, file.length), StandardCharsets.UTF_8)
                .toLowerCase(Locale.ROOT);
        if (start.contains("<svg")) {
            return "an SVG document";
        }
        if (start.contains("<html") || start.contains("<!doctype html")) {
            return "an HTML page";
        }
        return start.stripLeading().startsWith("<?xml") ? "an XML document" : "text";
    }

    private static String supported() {
        return "JPEG, PNG, WebP, GIF and BMP are read";
    }

    /** Whether the first bytes hold no control characters but white space. */
    private static boolean isText(byte[] file) {
        for (int i = 0; i < Math.min(TEXT_SAMPLE, file.length); i++) {
            int character = file[i] & 0xff;
            if (character < ' ' && character != '\n' && character != '\r' && character != '\t' && character != '\f') {
                return false;
            }
        }
        return true;
    }

    private static boolean isCutShort(byte[] file) {
        if (file.length >= 12) {
            return false;
        }
        return FileBytes.startsWith(JPEG, 0, file)
                || FileBytes.startsWith(PNG, 0, file)
                || starts(file, 0, "RIFF")
                || (file.length >= 3 && FileBytes.startsWith("GIF89a".getBytes(StandardCharsets.US_ASCII), 0, file));
    }

    private static boolean starts(byte[] file, int at, String ascii) {
        return FileBytes.startsWith(file, at, ascii.getBytes(StandardCharsets.ISO_8859_1));
    }
}

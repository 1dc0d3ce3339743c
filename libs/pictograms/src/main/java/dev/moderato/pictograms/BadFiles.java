package dev.moderato.pictograms;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** Files that people upload as pictures and that are none, by name. */
final class BadFiles {
    private static final byte[] PNG_MAGIC = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    private BadFiles() {}

    /**
     * @param jpeg a good JPEG file to damage
     * @param webp a good WebP file to damage
     */
    static Map<String, byte[]> all(byte[] jpeg, byte[] webp) {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("bad-empty.jpg", new byte[0]);
        files.put("bad-truncated.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
        files.put("bad-truncated.webp", Arrays.copyOf(webp, webp.length / 3));
        files.put("bad-text.png", text("Dear moderator, this is a text and no picture at all.\n"));
        files.put("bad-page.jpg", text("<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n"));
        files.put(
                "bad-vector.svg",
                text("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><circle r=\"4\"/></svg>\n"));
        files.put("bad-bomb.png", bomb());
        files.put("bad-header-only.gif", "GIF89a".getBytes(StandardCharsets.US_ASCII));
        return files;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A few bytes that claim to be 50000 x 50000 pixels: 7.5 GB once decoded. */
    private static byte[] bomb() {
        ByteBuffer header = ByteBuffer.allocate(17);
        header.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(50_000).putInt(50_000);
        header.put(new byte[] {8, 2, 0, 0, 0});
        ByteBuffer file = ByteBuffer.allocate(PNG_MAGIC.length + 25 + 12);
        file.put(PNG_MAGIC);
        chunk(file, header.array());
        chunk(file, "IEND".getBytes(StandardCharsets.US_ASCII));
        return file.array();
    }

    private static void chunk(ByteBuffer file, byte[] typeAndData) {
        var crc = new CRC32();
        crc.update(typeAndData);
        file.putInt(typeAndData.length - 4).put(typeAndData).putInt((int) crc.getValue());
    }
}

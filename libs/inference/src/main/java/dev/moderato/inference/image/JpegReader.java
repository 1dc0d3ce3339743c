package dev.moderato.inference.image;

import org.jspecify.annotations.Nullable;

/** Walks over a JPEG file's markers, up to its end marker, and sees that all scans of its image are there. */
final class JpegReader {
    private static final int START = 0xd8;
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int HUFFMAN_TABLES = 0xc4;
    private static final int QUANTISATION_TABLES = 0xdb;
    private static final int RESTART_INTERVAL = 0xdd;
    private static final int LINES = 0xdc;
    private static final int FIRST_APP = 0xe0;
    private static final int LAST_APP = 0xef;
    private static final int COMMENT = 0xfe;

    private final FileBytes file;
    private final ImageLimits limits;
    private final Ranges parts = new Ranges();
    private final JpegTables tables = new JpegTables();
    private @Nullable JpegFrame frame;
    private @Nullable JpegScans scans;
    private Orientation orientation = Orientation.UPRIGHT;
    private boolean transformed;
    private long metadata;

    private JpegReader(FileBytes file, ImageLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    static JpegFile read(FileBytes file, ImageLimits limits) throws ImageRejected {
        return new JpegReader(file, limits).read();
    }

    private JpegFile read() throws ImageRejected {
        parts.add(0, 2);
        int at = 2;
        while (true) {
            at = nextMarker(at);
            int marker = file.u8(at + 1);
            if (marker == END) {
                break;
            }
            boolean alone = marker == START || marker == 1 || (marker >= 0xd0 && marker < START);
            at = alone ? at + 2 : segment(marker, at);
        }
        if (frame == null || scans == null) {
            throw file.corrupt("the JPEG has no image in it");
        }
        scans.requireWhole();
        return new JpegFile(file, frame, scans, orientation, new JpegInks(transformed), parts);
    }

    /** The next 0xFF that a marker's code follows. What lies before it belongs to nothing; decoders skip it. */
    private int nextMarker(int from) throws ImageRejected {
        byte[] bytes = file.file();
        int at = from;
        while (true) {
            while (at < bytes.length && bytes[at] != (byte) 0xff) {
                at++;
            }
            if (at + 1 >= bytes.length) {
                throw file.truncated("the JPEG ends after " + file.size() + " bytes without its end marker");
            }
            if (bytes[at + 1] != 0 && bytes[at + 1] != (byte) 0xff) {
                return at;
            }
            at++;
        }
    }

    /** @return where the next marker is looked for */
    private int segment(int marker, int at) throws ImageRejected {
        int length = file.big16(at + 2);
        int end = at + 2 + length;
        if (length < 2) {
            throw file.corrupt("the JPEG has a segment of " + length + " bytes at byte " + at);
        }
        file.require(at, 2L + length);
        switch (marker) {
            case SCAN -> {
                return scan(at, end);
            }
            case HUFFMAN_TABLES -> {
                tables.define(file, at + 4, end);
                parts.add(at, end);
            }
            case RESTART_INTERVAL -> {
                tables.restartInterval(file.big16(at + 4));
                parts.add(at, end);
            }
            case QUANTISATION_TABLES -> parts.add(at, end);
            case LINES -> throw file.unsupported("a JPEG whose height follows its pixels");
            default -> {
                if (JpegFrame.isFrame(marker)) {
                    if (frame != null) {
                        throw file.corrupt("the JPEG has a second frame header at byte " + at);
                    }
                    frame = JpegFrame.read(file, marker, at, limits);
                    scans = new JpegScans(file, frame, tables);
                    parts.add(at, end);
                } else if ((marker >= FIRST_APP && marker <= LAST_APP) || marker == COMMENT) {
                    metadata(marker, at, end);
                } else if (marker < 0xf0 || marker > 0xfd) {
                    throw file.unsupported(String.format("a JPEG with the marker %02X at byte %d", marker, at));
                }
            }
        }
        return end;
    }

    private int scan(int at, int end) throws ImageRejected {
        if (frame == null || scans == null) {
            throw file.corrupt("the JPEG has a scan at byte " + at + " before its frame header");
        }
        int next = scans.read(at, end, limits);
        parts.add(at, next);
        return next;
    }

    private void metadata(int marker, int at, int end) throws ImageRejected {
        metadata += end - at;
        limits.checkMetadata(metadata);
        boolean aboutColours =
                (marker == 0xe0 && file.matches(at + 4, "JFIF\0")) || (marker == 0xee && file.matches(at + 4, "Adobe"));
        if (aboutColours) {
            parts.add(at, end);
            if (marker == 0xee && end - at >= 16) {
                transformed = file.u8(at + 15) != 0;
            }
        } else if (marker == 0xe1 && file.matches(at + 4, "Exif\0\0") && orientation == Orientation.UPRIGHT) {
            orientation = Exif.orientation(file, at + 10, end);
        }
    }
}

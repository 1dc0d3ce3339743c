package dev.moderato.inference.image;

import dev.moderato.inference.image.Frame.Disposal;
import java.util.ArrayList;
import java.util.List;

/** Walks over a WebP file's chunks. */
final class WebpReader {
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int ANIMATED = 0x02;
    private static final int LOSSY_HEADER = 10;

    private final FileBytes file;
    private final ImageLimits limits;
    private final List<Frame> frames = new ArrayList<>();
    private int width;
    private int height;
    private boolean extended;
    private boolean animated;
    private Orientation orientation = Orientation.UPRIGHT;
    private long metadata;

    private WebpReader(FileBytes file, ImageLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    static WebpFile read(FileBytes file, ImageLimits limits) throws ImageRejected {
        return new WebpReader(file, limits).read();
    }

    private WebpFile read() throws ImageRejected {
        long riffEnd = CHUNK_HEADER + file.little32(4);
        file.require(12, CHUNK_HEADER + 2); // the first chunk says how large the image is, whole or not
        if (file.matches(12, "VP8X")) {
            canvas(12);
        } else {
            still(new Still(), 12);
        }
        file.require(0, riffEnd);
        int end = (int) riffEnd;
        Still still = new Still();
        int at = 12;
        while (at + CHUNK_HEADER <= end) {
            int next = next(at, end);
            switch (file.name(at)) {
                case "VP8X", "ANIM" -> {}
                case "ANMF" -> frame(at + CHUNK_HEADER, next);
                case "ALPH" -> still.alpha(at, next);
                case "VP8 ", "VP8L" -> {
                    if (!animated && still.data.count() == 0) {
                        still(still, at);
                        still.data.add(at, next);
                    }
                }
                default -> other(at, next);
            }
            at = next;
        }
        if (!animated && still.data.count() > 0) {
            if (extended && (still.width != width || still.height != height)) {
                throw file.corrupt("the WebP's canvas is " + width + "x" + height + ", its image " + still.width + "x"
                        + still.height);
            }
            width = still.width;
            height = still.height;
            frames.add(still.frame(0, 0, false, Disposal.KEEP));
        }
        if (frames.isEmpty()) {
            throw file.truncated("the WebP has no image in it");
        }
        return new WebpFile(file, orientation, animated, new Animation(width, height, 0, List.copyOf(frames)));
    }

    /** The chunks of one image. */
    private static final class Still {
        private final Ranges data = new Ranges();
        private final Ranges alpha = new Ranges();
        private int width;
        private int height;

        void alpha(int at, int next) {
            if (data.count() == 0 && alpha.count() == 0) {
                alpha.add(at, next);
            }
        }

        Frame frame(int x, int y, boolean blend, Disposal disposal) {
            return new Frame(x, y, width, height, blend, disposal, data, alpha);
        }
    }

    /** @return where the next chunk starts; chunks are padded to an even length */
    private int next(int at, int end) throws ImageRejected {
        long size = file.little32(at + 4);
        long next = at + CHUNK_HEADER + size;
        if (next > end) {
            throw file.truncated("the WebP's chunk " + file.name(at) + " at byte " + at + " has " + size
                    + " bytes, of which " + (end - at - CHUNK_HEADER) + " are there");
        }
        return (int) Math.min(end, next + (size & 1));
    }

    private void canvas(int at) throws ImageRejected {
        int data = at + CHUNK_HEADER;
        file.require(data, 10);
        extended = true;
        animated = (file.u8(data) & ANIMATED) != 0;
        width = file.little24(data + 4) + 1;
        height = file.little24(data + 7) + 1;
        limits.checkSize(file.format(), width, height);
    }

    /** Reads the size out of a VP8 or VP8L chunk's header. */
    private void still(Still into, int at) throws ImageRejected {
        int data = at + CHUNK_HEADER;
        if (file.matches(at, "VP8L")) {
            if (file.u8(data) != 0x2f) {
                throw file.corrupt("the WebP's lossless image has no signature at byte " + data);
            }
            long sizes = file.little32(data + 1);
            into.width = (int) (sizes & 0x3fff) + 1;
            into.height = (int) (sizes >> 14 & 0x3fff) + 1;
        } else if (file.matches(at, "VP8 ")) {
            if ((file.u8(data) & 1) != 0
                    || file.u8(data + 3) != 0x9d
                    || file.u8(data + 4) != 1
                    || file.u8(data + 5) != 0x2a) {
                throw file.corrupt("the WebP's lossy image has no signature at byte " + data);
            }
            long first = file.little24(data)
                    >> 5; // RFC 6386, 9.1: the bytes of the first partition, which follows the header
            long there = file.little32(at + 4) - LOSSY_HEADER;
            if (first > there) {
                throw file.truncated("the WebP's first partition at byte " + (data + LOSSY_HEADER) + " has " + first
                        + " bytes, of which its chunk holds " + Math.max(0, there));
            }
            into.width = file.little16(data + 6) & 0x3fff;
            into.height = file.little16(data + 8) & 0x3fff;
        } else {
            throw file.corrupt("the WebP starts with the chunk " + file.name(at));
        }
        limits.checkSize(file.format(), into.width, into.height);
    }

    static boolean losslessHasAlpha(FileBytes file, int at) {
        return file.matches(at, "VP8L") && (file.file()[at + CHUNK_HEADER + 4] & 0x10) != 0;
    }

    private void frame(int at, int end) throws ImageRejected {
        if (!animated) {
            throw file.corrupt("the WebP has a frame at byte " + at + " and is no animation");
        }
        limits.checkFrames(frames.size() + 1L);
        file.require(at, FRAME_HEADER);
        int x = 2 * file.little24(at);
        int y = 2 * file.little24(at + 3);
        int flags = file.u8(at + 15);
        Still still = new Still();
        int chunk = at + FRAME_HEADER;
        while (chunk + CHUNK_HEADER <= end && still.data.count() == 0) {
            int next = next(chunk, end);
            switch (file.name(chunk)) {
                case "ALPH" -> still.alpha(chunk, next);
                case "VP8 ", "VP8L" -> {
                    still(still, chunk);
                    still.data.add(chunk, next);
                }
                default -> other(chunk, next);
            }
            chunk = next;
        }
        if (still.data.count() == 0) {
            throw file.truncated("the WebP's frame at byte " + at + " has no image in it");
        }
        boolean fits = still.width == file.little24(at + 6) + 1 && still.height == file.little24(at + 9) + 1;
        if (!fits || x + still.width > width || y + still.height > height) {
            throw file.corrupt("the WebP has a frame of " + still.width + "x" + still.height + " at " + x + "," + y
                    + " that does not fit");
        }
        frames.add(still.frame(x, y, (flags & 2) == 0, (flags & 1) == 0 ? Disposal.KEEP : Disposal.BACKGROUND));
    }

    private void other(int at, int next) throws ImageRejected {
        metadata += next - at;
        limits.checkMetadata(metadata);
        if (file.matches(at, "EXIF")) {
            // Some writers keep JPEG's prefix.
            int start = at + CHUNK_HEADER + (file.matches(at + CHUNK_HEADER, "Exif\0\0") ? 6 : 0);
            orientation = Exif.orientation(file, start, next);
        }
    }
}

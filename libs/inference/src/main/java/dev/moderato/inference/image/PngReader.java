package dev.moderato.inference.image;

import dev.moderato.inference.image.Frame.Disposal;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Walks over a PNG file's chunks up to IEND. */
final class PngReader {
    private static final int SIGNATURE = 8;
    private static final int CHUNK_FRAME = 12;
    /** Deflate makes at most 1032 bytes of one. */
    private static final long MOST_INFLATION = 1032;

    private final FileBytes file;
    private final ImageLimits limits;
    private final Ranges palette = new Ranges();
    private final Ranges transparency = new Ranges();
    private final List<Frame> frames = new ArrayList<>();
    private @Nullable PngHeader header;
    /** The frame that the next pixels belong to. */
    private @Nullable Frame pending;

    private boolean animated;
    private boolean pixelsSeen;
    private long announcedFrames;
    private Orientation orientation = Orientation.UPRIGHT;
    private long metadata;

    private PngReader(FileBytes file, ImageLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    static PngFile read(FileBytes file, ImageLimits limits) throws ImageRejected {
        return new PngReader(file, limits).read();
    }

    private PngFile read() throws ImageRejected {
        if (!file.matches(SIGNATURE + 4, "IHDR") || file.big32(SIGNATURE) != PngHeader.BYTES) {
            file.require(SIGNATURE, 8);
            throw file.corrupt("the PNG does not start with its header");
        }
        header = PngHeader.read(file, SIGNATURE + 8, limits);
        checkSum(SIGNATURE, PngHeader.BYTES);
        int at = SIGNATURE + CHUNK_FRAME + PngHeader.BYTES;
        while (true) {
            long length = file.big32(at);
            file.require(at, length + CHUNK_FRAME);
            String name = file.name(at + 4);
            if (name.equals("IEND")) {
                break;
            }
            chunk(name, at, (int) length);
            at += (int) length + CHUNK_FRAME;
        }
        requireWhole(header);
        return new PngFile(
                file,
                header,
                orientation,
                palette,
                transparency,
                new Animation(header.width(), header.height(), 0, List.copyOf(frames)));
    }

    private void chunk(String name, int at, int length) throws ImageRejected {
        int data = at + 8;
        switch (name) {
            case "IDAT" -> {
                checkSum(at, length);
                pixels(data, length);
            }
            case "PLTE" -> {
                checkSum(at, length);
                if (length > 768 || length % 3 != 0 || length == 0) {
                    throw file.corrupt("the PNG has a palette of " + length + " bytes");
                }
                keep(palette, data, length);
            }
            case "tRNS" -> {
                checkSum(at, length);
                keep(transparency, data, Math.min(length, 256));
            }
            case "acTL" -> {
                if (!pixelsSeen) {
                    animated = true;
                    announcedFrames = file.big32(data);
                    limits.checkFrames(announcedFrames);
                }
            }
            case "fcTL" -> {
                if (animated) {
                    checkSum(at, length);
                    frameControl(data, length);
                }
            }
            case "fdAT" -> {
                if (animated) {
                    checkSum(at, length);
                    framePixels(data, length, at);
                }
            }
            default -> other(name, data, length);
        }
    }

    private void keep(Ranges once, int data, int length) throws ImageRejected {
        if (once.count() > 0 || pixelsSeen) {
            throw file.corrupt("the PNG has chunks in an impossible order");
        }
        once.add(data, data + length);
    }

    private void other(String name, int data, int length) throws ImageRejected {
        metadata += length + CHUNK_FRAME;
        limits.checkMetadata(metadata);
        boolean critical = Character.isUpperCase(name.charAt(0));
        if (critical) {
            throw file.unsupported("a PNG with the chunk " + name + ", without which it cannot be read");
        }
        if (name.equals("eXIf")) {
            orientation = Exif.orientation(file, data, data + length);
        }
    }

    private void checkSum(int at, int length) throws ImageRejected {
        file.require(at, (long) length + CHUNK_FRAME);
        CRC32 sum = new CRC32();
        sum.update(file.file(), at + 4, length + 4);
        if (sum.getValue() != file.big32(at + 8 + length)) {
            throw file.corrupt(
                    "the PNG's chunk " + file.name(at + 4) + " at byte " + at + " does not match its checksum");
        }
    }

    /** IDAT is the first frame, or the image for viewers that do not animate, which then stands alone before the others. */
    private void pixels(int data, int length) throws ImageRejected {
        if (header == null || frames.size() > 1) {
            throw file.corrupt("the PNG has chunks in an impossible order");
        }
        if (!pixelsSeen) {
            pixelsSeen = true;
            Frame first = pending;
            if (first == null) {
                first = new Frame(
                        0, 0, header.width(), header.height(), false, Disposal.BACKGROUND, new Ranges(), new Ranges());
            } else if (!first.covers(header.width(), header.height())) {
                throw file.corrupt("the PNG's first frame does not cover its canvas");
            } else if (first.disposal() == Disposal.PREVIOUS) {
                first = new Frame(
                        0, 0, first.width(), first.height(), false, Disposal.BACKGROUND, first.data(), new Ranges());
            }
            frames.add(first);
            pending = null;
        } else if (pending != null) {
            throw file.corrupt("the PNG has chunks in an impossible order");
        }
        frames.get(0).data().add(data, data + length);
    }

    private void frameControl(int data, int length) throws ImageRejected {
        if (header == null || length != 26 || pending != null) {
            throw file.corrupt("the PNG has a frame without pixels at byte " + data);
        }
        limits.checkFrames(frames.size() + 1L);
        long width = file.big32(data + 4);
        long height = file.big32(data + 8);
        long x = file.big32(data + 12);
        long y = file.big32(data + 16);
        int disposal = file.u8(data + 24);
        int blend = file.u8(data + 25);
        if (width < 1
                || height < 1
                || x + width > header.width()
                || y + height > header.height()
                || disposal > 2
                || blend > 1) {
            throw file.corrupt("the PNG has a frame of " + width + "x" + height + " at " + x + "," + y);
        }
        pending = new Frame(
                (int) x,
                (int) y,
                (int) width,
                (int) height,
                blend == 1,
                Disposal.values()[disposal],
                new Ranges(),
                new Ranges());
    }

    private void framePixels(int data, int length, int at) throws ImageRejected {
        if (!pixelsSeen || length < 4) {
            throw file.corrupt("the PNG has frame pixels out of order at byte " + at);
        }
        if (pending != null) {
            frames.add(pending);
            pending = null;
        }
        if (frames.size() < 2) {
            throw file.corrupt("the PNG has frame pixels out of order at byte " + at);
        }
        frames.get(frames.size() - 1).data().add(data + 4, data + length);
    }

    private void requireWhole(PngHeader header) throws ImageRejected {
        if (!pixelsSeen) {
            throw file.corrupt("the PNG has no pixels");
        }
        if (header.colour() == PngHeader.Colour.PALETTE && palette.count() == 0) {
            throw file.corrupt("the PNG has no palette");
        }
        if (header.rawBytes() / MOST_INFLATION > frames.get(0).data().bytes()) {
            throw file.truncated("the PNG holds " + frames.get(0).data().bytes() + " bytes of pixels, too few for "
                    + header.width() + "x" + header.height());
        }
        if (pending != null || frames.size() < announcedFrames) {
            throw file.truncated("the PNG has " + frames.size() + " of " + announcedFrames + " frames");
        }
    }
}

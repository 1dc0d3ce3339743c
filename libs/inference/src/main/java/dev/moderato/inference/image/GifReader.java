package dev.moderato.inference.image;

import dev.moderato.inference.image.Frame.Disposal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Walks over a GIF file's blocks up to its trailer. */
final class GifReader {
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2c;
    private static final int TRAILER = 0x3b;
    private static final int GRAPHIC_CONTROL = 0xf9;
    private static final int OPAQUE = 0xff000000;
    private static final int NONE = -1;

    private final FileBytes file;
    private final ImageLimits limits;
    private final List<Frame> frames = new ArrayList<>();
    private final List<GifImage> images = new ArrayList<>();
    private int[] globalPalette = new int[0];
    private int width;
    private int height;
    /** What the canvas holds where nothing is drawn. */
    private int background;

    private boolean grey;
    private int transparent = NONE;
    private int disposal;
    private long metadata;

    private GifReader(FileBytes file, ImageLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    static GifFile read(FileBytes file, ImageLimits limits) throws ImageRejected {
        return new GifReader(file, limits).read();
    }

    private GifFile read() throws ImageRejected {
        width = file.little16(6);
        height = file.little16(8);
        int flags = file.u8(10);
        if (width > 0 && height > 0) {
            limits.checkSize(file.format(), width, height);
        }
        int at = 13;
        if ((flags & 0x80) != 0) {
            globalPalette = palette(at, flags);
            at += 3 * globalPalette.length;
        }
        while (true) {
            int block = file.u8(at++);
            if (block == TRAILER) {
                break;
            }
            switch (block) {
                case EXTENSION -> at = extension(at);
                case IMAGE -> at = image(at);
                case 0 -> {} // an empty block too many, as some writers leave
                default -> throw file.corrupt("the GIF has an unknown block " + block + " at byte " + (at - 1));
            }
        }
        if (images.isEmpty()) {
            throw file.corrupt("the GIF has no image in it");
        }
        return new GifFile(
                file, new Animation(width, height, background, List.copyOf(frames)), List.copyOf(images), grey);
    }

    private int[] palette(int at, int flags) throws ImageRejected {
        int[] palette = new int[2 << (flags & 7)];
        file.require(at, 3L * palette.length);
        for (int i = 0; i < palette.length; i++) {
            palette[i] = OPAQUE | file.u8(at + 3 * i) << 16 | file.u8(at + 3 * i + 1) << 8 | file.u8(at + 3 * i + 2);
        }
        return palette;
    }

    private int extension(int at) throws ImageRejected {
        int label = file.u8(at);
        int end = blocksEnd(at + 1);
        if (label == GRAPHIC_CONTROL) {
            if (file.u8(at + 1) < 4) {
                throw file.corrupt("the GIF has a graphic control of " + file.u8(at + 1) + " bytes at byte " + at);
            }
            int flags = file.u8(at + 2);
            disposal = flags >> 2 & 7;
            transparent = (flags & 1) != 0 ? file.u8(at + 5) : NONE;
        } else {
            metadata += end - at;
            limits.checkMetadata(metadata);
        }
        return end;
    }

    /** Passes over data blocks, the last of which is empty. */
    private int blocksEnd(int from) throws ImageRejected {
        int at = from;
        int length = file.u8(at);
        while (length > 0) {
            at += 1 + length;
            length = file.u8(at);
        }
        return at + 1;
    }

    private int image(int at) throws ImageRejected {
        limits.checkFrames(frames.size() + 1L);
        int x = file.little16(at);
        int y = file.little16(at + 2);
        int imageWidth = file.little16(at + 4);
        int imageHeight = file.little16(at + 6);
        int flags = file.u8(at + 8);
        limits.checkSize(file.format(), imageWidth, imageHeight);
        int data = at + 9;
        int[] palette = globalPalette;
        if ((flags & 0x80) != 0) {
            palette = palette(data, flags);
            data += 3 * palette.length;
        }
        if (frames.isEmpty()) {
            startCanvas(x + imageWidth, y + imageHeight, palette);
        }
        int[] colours = colours(palette);
        if (images.isEmpty() && transparent != NONE) {
            // Nothing lies under the first image: where it is transparent, its palette shows, as in Pillow.
            colours[transparent] |= OPAQUE;
        }
        images.add(new GifImage(data, imageWidth, imageHeight, (flags & 0x40) != 0, colours));
        frames.add(new Frame(x, y, imageWidth, imageHeight, true, disposal(), new Ranges(), new Ranges()));
        transparent = NONE;
        disposal = 0;
        return blocksEnd(data + 1);
    }

    /** As Pillow: the canvas grows to hold the first image, and starts in the transparent colour, or the first of the palette. */
    private void startCanvas(int right, int bottom, int[] palette) throws ImageRejected {
        width = Math.max(width, right);
        height = Math.max(height, bottom);
        limits.checkSize(file.format(), width, height);
        background = OPAQUE | colours(palette)[Math.max(transparent, 0)];
        grey = true;
        for (int i = 0; i < palette.length; i++) {
            grey &= (palette[i] & 0xffffff) == i * 0x010101;
        }
    }

    private int[] colours(int[] palette) {
        int[] colours = new int[256];
        if (palette.length > 0) {
            Arrays.fill(colours, OPAQUE);
            System.arraycopy(palette, 0, colours, 0, palette.length);
        } else {
            // Without any palette Pillow takes the indices for grey levels.
            Arrays.setAll(colours, level -> OPAQUE | level * 0x010101);
        }
        if (transparent != NONE) {
            colours[transparent] &= ~OPAQUE;
        }
        return colours;
    }

    private Disposal disposal() {
        return switch (disposal) {
            case 2 -> Disposal.BACKGROUND;
            case 3 -> Disposal.PREVIOUS;
            default -> Disposal.KEEP;
        };
    }
}

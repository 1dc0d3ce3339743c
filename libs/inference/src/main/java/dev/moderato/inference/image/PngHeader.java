package dev.moderato.inference.image;

import java.util.List;

/** A PNG's IHDR chunk. */
record PngHeader(int width, int height, int depth, Colour colour, int interlace) {
    static final int BYTES = 13;

    /** PNG's colour types. */
    enum Colour {
        GREY(0, 1, List.of(1, 2, 4, 8, 16)),
        RGB(2, 3, List.of(8, 16)),
        PALETTE(3, 1, List.of(1, 2, 4, 8)),
        GREY_ALPHA(4, 2, List.of(8, 16)),
        RGB_ALPHA(6, 4, List.of(8, 16));

        final int code;
        final int samples;
        private final List<Integer> depths;

        Colour(int code, int samples, List<Integer> depths) {
            this.code = code;
            this.samples = samples;
            this.depths = depths;
        }
    }

    /** @param at where the chunk's data start */
    static PngHeader read(FileBytes file, int at, ImageLimits limits) throws ImageRejected {
        file.require(at, BYTES);
        long width = file.big32(at);
        long height = file.big32(at + 4);
        limits.checkSize(file.format(), width, height);
        int depth = file.u8(at + 8);
        int code = file.u8(at + 9);
        if (file.u8(at + 10) != 0 || file.u8(at + 11) != 0 || file.u8(at + 12) > 1) {
            throw file.corrupt("the PNG has an unknown compression, filter or interlace method");
        }
        for (Colour colour : Colour.values()) {
            if (colour.code == code && colour.depths.contains(depth)) {
                return new PngHeader((int) width, (int) height, depth, colour, file.u8(at + 12));
            }
        }
        throw file.corrupt("the PNG has colour type " + code + " of " + depth + " bits, which does not exist");
    }

    PngHeader withSize(int frameWidth, int frameHeight) {
        return new PngHeader(frameWidth, frameHeight, depth, colour, interlace);
    }

    /** Bytes of so many pixels side by side, before compression. */
    int rowBytes(int pixels) {
        return (int) (((long) pixels * colour.samples * depth + 7) / 8);
    }

    /** Bytes of all pixels before compression, at least. */
    long rawBytes() {
        return (long) rowBytes(width) * height;
    }
}

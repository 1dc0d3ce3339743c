package dev.moderato.inference.image;

import java.util.ArrayList;
import java.util.List;

/** A JPEG's frame header: size and components. */
record JpegFrame(int width, int height, boolean progressive, List<Component> components) {
    private static final int BASELINE = 0xc0;
    private static final int EXTENDED = 0xc1;
    private static final int PROGRESSIVE = 0xc2;
    static final int BLOCK = 8;

    /** A colour channel; its sampling factors say how many blocks of it a unit of the scan holds. */
    record Component(int id, int horizontal, int vertical) {}

    /** Whether a marker starts a frame header, of whatever kind. */
    static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    static JpegFrame read(FileBytes file, int marker, int at, ImageLimits limits) throws ImageRejected {
        if (marker != BASELINE && marker != EXTENDED && marker != PROGRESSIVE) {
            throw file.unsupported((marker > 0xc8 ? "an arithmetically coded" : "a lossless or hierarchical")
                    + " JPEG; baseline and progressive Huffman-coded ones are read");
        }
        int precision = file.u8(at + 4);
        if (precision != 8) {
            throw file.unsupported("a JPEG of " + precision + " bits a sample; 8 are read");
        }
        int height = file.big16(at + 5);
        int width = file.big16(at + 7);
        if (height == 0) {
            throw file.unsupported("a JPEG whose height follows its pixels");
        }
        limits.checkSize(file.format(), width, height);
        int count = file.u8(at + 9);
        if (count != 1 && count != 3 && count != 4) {
            throw file.unsupported("a JPEG of " + count + " components; 1, 3 and 4 are read");
        }
        List<Component> components = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int sampling = file.u8(at + 11 + 3 * i);
            int horizontal = sampling >> 4;
            int vertical = sampling & 15;
            if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) {
                throw file.corrupt("the JPEG has the sampling factors " + horizontal + "x" + vertical);
            }
            components.add(new Component(file.u8(at + 10 + 3 * i), horizontal, vertical));
        }
        return new JpegFrame(width, height, marker == PROGRESSIVE, components);
    }

    int mostHorizontal() {
        return components.stream().mapToInt(Component::horizontal).max().orElse(1);
    }

    int mostVertical() {
        return components.stream().mapToInt(Component::vertical).max().orElse(1);
    }

    /** Units of an interleaved scan in a row. */
    int unitsWide() {
        return ceil(width, BLOCK * mostHorizontal());
    }

    /** Rows of units of an interleaved scan. */
    int unitsHigh() {
        return ceil(height, BLOCK * mostVertical());
    }

    /** Blocks of a component in a row that hold pixels of the image. */
    int blocksWide(Component component) {
        return ceil(ceil(width * component.horizontal(), mostHorizontal()), BLOCK);
    }

    /** Rows of blocks of a component that hold pixels of the image. */
    int blocksHigh(Component component) {
        return ceil(ceil(height * component.vertical(), mostVertical()), BLOCK);
    }

    /** All blocks of a component, with those that only fill up units. */
    int blocks(Component component) {
        return unitsWide() * component.horizontal() * unitsHigh() * component.vertical();
    }

    int blocks() {
        return components.stream().mapToInt(this::blocks).sum();
    }

    /** Two bytes for each coefficient of the image, which decoders keep between scans. */
    long coefficientBytes() {
        return 2L * BLOCK * BLOCK * blocks();
    }

    private static int ceil(int length, int unit) {
        return (length + unit - 1) / unit;
    }
}

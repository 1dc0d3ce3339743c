package dev.moderato.inference.image;

import java.util.Arrays;

/** Turns a PNG's samples, of any colour type and depth, into 8-bit pixels of a layout. */
final class PngColours {
    private static final int OPAQUE = 255;

    private final PngHeader header;
    private final Raster.Layout layout;
    /** From one sample to the next, in bytes: of 16 bits the first byte is the high one. */
    private final int step;
    /** Samples of less than a byte, one a byte. */
    private final byte[] unpacked;
    /** What indices stand for: red, green, blue, alpha. An index beyond the palette is that level of grey, as in Pillow. */
    private final byte[] palette = new byte[256 * 4];
    /** The samples of the colour that is transparent in a file without alpha, as stored, or none. */
    private final byte[] clear;

    /**
     * @param palette the PLTE chunk's data in the file
     * @param transparency the tRNS chunk's data, likewise
     */
    PngColours(PngHeader header, Raster.Layout layout, byte[] file, Ranges palette, Ranges transparency) {
        this.header = header;
        this.layout = layout;
        this.step = header.depth() == 16 ? 2 : 1;
        this.unpacked = new byte[header.depth() < 8 ? header.width() : 0];
        byte[] colours = palette.copy(file);
        clear = transparency.copy(file);
        for (int i = 0; i < 256; i++) {
            for (int channel = 0; channel < 3; channel++) {
                int at = 3 * i + channel;
                this.palette[4 * i + channel] = at < colours.length ? colours[at] : (byte) i;
            }
            this.palette[4 * i + 3] = i < clear.length ? clear[i] : (byte) OPAQUE;
        }
    }

    Raster.Layout layout() {
        return layout;
    }

    /** Whether the file's samples are pixels of the layout already. */
    boolean plain() {
        return header.depth() == 8
                && header.colour() != PngHeader.Colour.PALETTE
                && header.colour().samples == layout.channels;
    }

    /**
     * Converts pixels that lie side by side.
     *
     * @param row where their samples start at {@code at}
     * @param into receives them from its start on
     */
    void convert(byte[] row, int at, int count, byte[] into) {
        if (header.depth() < 8) {
            unpack(row, at, count);
            convertWhole(unpacked, 0, count, into);
        } else {
            convertWhole(row, at, count, into);
        }
    }

    private void convertWhole(byte[] row, int at, int count, byte[] into) {
        switch (header.colour()) {
            case PALETTE -> lookUp(row, at, count, into);
            case GREY_ALPHA -> {
                if (layout.hasAlpha()) {
                    greyAlpha(row, at, count, into);
                } else {
                    copy(row, at, count, into);
                }
            }
            case GREY, RGB, RGB_ALPHA -> copy(row, at, count, into);
        }
    }

    private void unpack(byte[] row, int at, int count) {
        int depth = header.depth();
        int most = (1 << depth) - 1;
        int scale = header.colour() == PngHeader.Colour.GREY ? OPAQUE / most : 1;
        for (int x = 0; x < count; x++) {
            int bit = x * depth;
            unpacked[x] = (byte) ((row[at + (bit >> 3)] >> (8 - depth - (bit & 7)) & most) * scale);
        }
    }

    private void lookUp(byte[] row, int at, int count, byte[] into) {
        int channels = layout.channels;
        for (int x = 0; x < count; x++) {
            System.arraycopy(palette, 4 * (row[at + x] & 0xff), into, x * channels, channels);
        }
    }

    /** The layout's channels are the first of the file's samples, but for alpha that the file does not have. */
    private void copy(byte[] row, int at, int count, byte[] into) {
        int samples = header.colour().samples;
        int channels = Math.min(samples, layout.channels);
        for (int x = 0; x < count; x++) {
            for (int channel = 0; channel < channels; channel++) {
                into[x * layout.channels + channel] = row[at + (x * samples + channel) * step];
            }
        }
        if (layout.channels > samples) {
            int bytes = samples * step;
            for (int x = 0; x < count; x++) {
                int from = at + x * bytes;
                into[x * layout.channels + samples] = isClear(row, from, bytes) ? 0 : (byte) OPAQUE;
            }
        }
    }

    /** tRNS holds two bytes a sample, whatever the depth. */
    private boolean isClear(byte[] row, int at, int bytes) {
        for (int i = 0; i < bytes; i++) {
            int of = step == 2 ? i : 2 * i + 1;
            if (of >= clear.length || row[at + i] != clear[of]) {
                return false;
            }
        }
        return true;
    }

    private void greyAlpha(byte[] row, int at, int count, byte[] into) {
        for (int x = 0; x < count; x++) {
            int from = at + 2 * x * step;
            Arrays.fill(into, 4 * x, 4 * x + 3, row[from]);
            into[4 * x + 3] = row[from + step];
        }
    }
}

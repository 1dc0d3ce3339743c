package dev.moderato.inference.image;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Unfilters a PNG's rows (PNG specification, sections 8 and 9). */
final class PngPixels {
    /** Zeros before a row, which are what lies left of its first pixel. */
    private static final int BEFORE = 8;

    /** First column, first row, from column to column, from row to row: of the whole, and of Adam7's seven passes. */
    private static final int[][] WHOLE = {{0, 0, 1, 1}};

    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final FileBytes file;
    private final PngHeader header;
    private final PngColours colours;
    private final int channels;
    /** From a pixel to the next, in bytes. */
    private final int step;

    private final byte[] pixels;
    private byte[] row;
    private byte[] above;

    PngPixels(FileBytes file, PngHeader header, PngColours colours) {
        this.file = file;
        this.header = header;
        this.colours = colours;
        this.channels = colours.layout().channels;
        this.step = Math.max(1, header.colour().samples * header.depth() / 8);
        this.pixels = new byte[header.width() * channels];
        this.row = new byte[BEFORE + header.rowBytes(header.width())];
        this.above = new byte[row.length];
    }

    /** What decoding takes beside the pixels. */
    static long bytes(PngHeader header) {
        return Inflate.BYTES + 3L * (BEFORE + header.rowBytes(header.width())) + 4L * header.width();
    }

    /** Inflates and unfilters all rows. */
    void decode(Ranges data, ByteBuffer into) throws ImageRejected {
        Inflate stream = new Inflate(file, data);
        for (int[] pass : header.interlace() == 0 ? WHOLE : ADAM7) {
            int columns = (header.width() - pass[0] + pass[2] - 1) / pass[2];
            if (columns > 0) {
                Arrays.fill(above, (byte) 0);
                for (int y = pass[1]; y < header.height(); y += pass[3]) {
                    readRow(stream, header.rowBytes(columns));
                    int first = y * header.width() + pass[0];
                    if (colours.plain() && pass[2] == 1) {
                        into.put(first * channels, row, BEFORE, columns * channels);
                    } else {
                        colours.convert(row, BEFORE, columns, pixels);
                        put(into, first, pass[2], columns);
                    }
                    byte[] next = above;
                    above = row;
                    row = next;
                }
            }
        }
        stream.finish();
    }

    private void put(ByteBuffer into, int first, int apart, int columns) {
        if (apart == 1) {
            into.put(first * channels, pixels, 0, columns * channels);
            return;
        }
        for (int x = 0; x < columns; x++) {
            into.put((first + x * apart) * channels, pixels, x * channels, channels);
        }
    }

    private void readRow(Inflate stream, int bytes) throws ImageRejected {
        stream.read(row, BEFORE - 1, 1 + bytes);
        int filter = row[BEFORE - 1];
        row[BEFORE - 1] = 0;
        int end = BEFORE + bytes;
        switch (filter) {
            case 0 -> {}
            case 1 -> left(row, step, end);
            case 2 -> up(row, above, end);
            case 3 -> average(row, above, step, end);
            case 4 -> {
                switch (step) {
                    case 3 -> paethOfThree(row, above, end);
                    case 4 -> paethOfFour(row, above, end);
                    default -> paeth(row, above, step, end);
                }
            }
            default -> throw file.corrupt("the PNG has a row with the unknown filter " + (filter & 0xff));
        }
    }

    private static void left(byte[] row, int step, int end) {
        for (int i = BEFORE; i < end; i++) {
            row[i] += row[i - step];
        }
    }

    private static void up(byte[] row, byte[] above, int end) {
        for (int i = BEFORE; i < end; i++) {
            row[i] += above[i];
        }
    }

    private static void average(byte[] row, byte[] above, int step, int end) {
        for (int i = BEFORE; i < end; i++) {
            row[i] += (byte) (((row[i - step] & 0xff) + (above[i] & 0xff)) >> 1);
        }
    }

    private static void paeth(byte[] row, byte[] above, int step, int end) {
        for (int i = BEFORE; i < end; i++) {
            row[i] += (byte) paeth(row[i - step] & 0xff, above[i] & 0xff, above[i - step] & 0xff);
        }
    }

    /** Each sample of the pixel on the left in a register: three chains that run side by side. */
    private static void paethOfThree(byte[] row, byte[] above, int end) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int corner0 = 0;
        int corner1 = 0;
        int corner2 = 0;
        for (int i = BEFORE; i < end; i += 3) {
            int up0 = above[i] & 0xff;
            int up1 = above[i + 1] & 0xff;
            int up2 = above[i + 2] & 0xff;
            left0 = (row[i] + paeth(left0, up0, corner0)) & 0xff;
            left1 = (row[i + 1] + paeth(left1, up1, corner1)) & 0xff;
            left2 = (row[i + 2] + paeth(left2, up2, corner2)) & 0xff;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            corner0 = up0;
            corner1 = up1;
            corner2 = up2;
        }
    }

    /** Likewise. */
    private static void paethOfFour(byte[] row, byte[] above, int end) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int left3 = 0;
        int corner0 = 0;
        int corner1 = 0;
        int corner2 = 0;
        int corner3 = 0;
        for (int i = BEFORE; i < end; i += 4) {
            int up0 = above[i] & 0xff;
            int up1 = above[i + 1] & 0xff;
            int up2 = above[i + 2] & 0xff;
            int up3 = above[i + 3] & 0xff;
            left0 = (row[i] + paeth(left0, up0, corner0)) & 0xff;
            left1 = (row[i + 1] + paeth(left1, up1, corner1)) & 0xff;
            left2 = (row[i + 2] + paeth(left2, up2, corner2)) & 0xff;
            left3 = (row[i + 3] + paeth(left3, up3, corner3)) & 0xff;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            row[i + 3] = (byte) left3;
            corner0 = up0;
            corner1 = up1;
            corner2 = up2;
            corner3 = up3;
        }
    }

    /** Of left, up and corner the one that is nearest to left + up − corner: without branches, which nothing could predict. */
    private static int paeth(int left, int up, int corner) {
        int low = Math.min(left, up);
        int high = Math.max(left, up);
        int threshold = 3 * corner - left - up;
        int notLow = (threshold - high) >> 31;
        int notHigh = (low - threshold) >> 31;
        int lowOrCorner = low ^ ((low ^ corner) & notLow);
        return high ^ ((high ^ lowOrCorner) & notHigh);
    }
}

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
                    colours.convert(row, BEFORE, columns, pixels);
                    put(into, y * header.width() + pass[0], pass[2], columns);
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
            case 4 -> paeth(row, above, step, end);
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

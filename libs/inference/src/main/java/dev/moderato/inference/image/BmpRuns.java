package dev.moderato.inference.image;

import java.nio.ByteBuffer;

/** Reads a BMP's run-length coded pixels. What the runs leap over has the palette's first colour. */
final class BmpRuns {
    private static final int CHANNELS = 3;
    private static final int END_OF_ROW = 0;
    private static final int END = 1;
    private static final int LEAP = 2;

    private final BmpFile bmp;
    private final FileBytes file;
    private final ByteBuffer into;
    private int x;
    private int row;

    BmpRuns(BmpFile bmp, ByteBuffer into) {
        this.bmp = bmp;
        this.file = bmp.file();
        this.into = into;
    }

    /** @throws ImageRejected TRUNCATED where the runs end before the last row */
    void decode() throws ImageRejected {
        for (int at = 0; at < CHANNELS * bmp.width() * bmp.height(); at += CHANNELS) {
            BmpFile.put(into, at, bmp.palette()[0]);
        }
        int at = bmp.pixelStart();
        while (row < bmp.height()) {
            int count = file.u8(at);
            int value = file.u8(at + 1);
            at += 2;
            if (count > 0) {
                for (int i = 0; i < count; i++) {
                    put(index(value, i));
                }
            } else if (value == END_OF_ROW) {
                x = 0;
                row++;
            } else if (value == END) {
                requireLastRow(at);
                return;
            } else if (value == LEAP) {
                x += file.u8(at);
                row += file.u8(at + 1);
                at += 2;
            } else {
                at = literal(at, value);
            }
        }
    }

    private int literal(int at, int count) throws ImageRejected {
        boolean halves = bmp.packing() == BmpFile.Packing.RUNS_OF_4;
        for (int i = 0; i < count; i++) {
            put(index(file.u8(at + (halves ? i / 2 : i)), i));
        }
        int bytes = halves ? (count + 1) / 2 : count;
        return at + bytes + (bytes & 1);
    }

    /** A byte holds one index of eight bits, or two of four, of which the upper comes first. */
    private int index(int value, int number) {
        if (bmp.packing() == BmpFile.Packing.RUNS_OF_8) {
            return value;
        }
        return number % 2 == 0 ? value >> 4 : value & 15;
    }

    private void put(int index) {
        if (x < bmp.width() && row < bmp.height()) {
            BmpFile.put(into, bmp.offset(row) + CHANNELS * x, bmp.palette()[index]);
        }
        x++;
    }

    private void requireLastRow(int at) throws ImageRejected {
        if (row < bmp.height() - 1) {
            throw file.truncated("the BMP's pixels end early, at byte " + at);
        }
    }
}

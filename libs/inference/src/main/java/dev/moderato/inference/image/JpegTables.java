package dev.moderato.inference.image;

import org.jspecify.annotations.Nullable;

/** The Huffman tables and the restart interval in force, as a JPEG's segments redefine them between scans. */
final class JpegTables {
    private static final int SLOTS = 4;

    private final @Nullable HuffmanTable[] dc = new HuffmanTable[SLOTS];
    private final @Nullable HuffmanTable[] ac = new HuffmanTable[SLOTS];
    private int restartInterval;

    void define(FileBytes file, int start, int end) throws ImageRejected {
        int at = start;
        while (at < end) {
            int slot = file.u8(at);
            if ((slot & 15) >= SLOTS || slot >> 4 > 1) {
                throw file.corrupt("the JPEG has a Huffman table for slot " + slot + " at byte " + at);
            }
            HuffmanTable table = HuffmanTable.read(file, at + 1, end);
            (slot >> 4 == 0 ? dc : ac)[slot & 15] = table;
            at += 1 + table.bytes();
        }
    }

    @Nullable
    HuffmanTable dc(int slot) {
        return slot < SLOTS ? dc[slot] : null;
    }

    @Nullable
    HuffmanTable ac(int slot) {
        return slot < SLOTS ? ac[slot] : null;
    }

    void restartInterval(int units) {
        restartInterval = units;
    }

    /** Units between restart markers; 0 for none. */
    int restartInterval() {
        return restartInterval;
    }
}

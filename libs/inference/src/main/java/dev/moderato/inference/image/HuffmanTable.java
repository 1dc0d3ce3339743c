package dev.moderato.inference.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A JPEG's Huffman code, as {@link JpegBits} reads it. */
final class HuffmanTable {
    private static final int LENGTHS = 16;
    static final int FAST_BITS = 9;

    private final byte[] counts;
    private final byte[] symbols;
    /** By the next nine bits: length of the code × 256 + symbol; 0 where the code is longer. Made at first use. */
    private short @Nullable [] fast;
    /** By length: one more than its last code, shifted to 16 bits. */
    private final int[] limit = new int[LENGTHS + 1];
    /** By length: what turns a code of it into an index of its symbol. */
    private final int[] offset = new int[LENGTHS + 1];

    private HuffmanTable(byte[] counts, byte[] symbols) {
        this.counts = counts;
        this.symbols = symbols;
    }

    static HuffmanTable read(FileBytes file, int at, int end) throws ImageRejected {
        byte[] counts = new byte[LENGTHS];
        int symbols = 0;
        int code = 0;
        file.require(at, LENGTHS);
        for (int i = 0; i < LENGTHS; i++) {
            counts[i] = (byte) file.u8(at + i);
            symbols += counts[i] & 0xff;
            code = (code << 1) + (counts[i] & 0xff);
            if (code > 1 << (i + 1)) {
                throw file.corrupt("the JPEG has an impossible Huffman table at byte " + at);
            }
        }
        if (symbols > 256 || at + LENGTHS + symbols > end) {
            throw file.corrupt("the JPEG has a Huffman table of " + symbols + " symbols at byte " + at);
        }
        byte[] list = new byte[symbols];
        System.arraycopy(file.file(), at + LENGTHS, list, 0, symbols);
        return new HuffmanTable(counts, list);
    }

    /** How many bytes of the file it takes. */
    int bytes() {
        return LENGTHS + symbols.length;
    }

    short[] fast() {
        short[] made = fast;
        if (made == null) {
            made = new short[1 << FAST_BITS];
            int code = 0;
            int symbol = 0;
            for (int length = 1; length <= LENGTHS; length++) {
                offset[length] = symbol - code;
                for (int i = 0; i < (counts[length - 1] & 0xff); i++, code++, symbol++) {
                    if (length <= FAST_BITS) {
                        int from = code << (FAST_BITS - length);
                        int to = from + (1 << (FAST_BITS - length));
                        Arrays.fill(made, from, to, (short) (length << 8 | (symbols[symbol] & 0xff)));
                    }
                }
                limit[length] = code << (LENGTHS - length);
                code <<= 1;
            }
            fast = made;
        }
        return made;
    }

    /** @return length × 256 + symbol of a code that is longer than nine bits; 0 for none */
    int slow(int next16) {
        for (int length = FAST_BITS + 1; length <= LENGTHS; length++) {
            if (next16 < limit[length]) {
                return length << 8 | (symbols[(next16 >> (LENGTHS - length)) + offset[length]] & 0xff);
            }
        }
        return 0;
    }
}

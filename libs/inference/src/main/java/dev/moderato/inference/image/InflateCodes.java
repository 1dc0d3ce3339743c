package dev.moderato.inference.image;

import java.util.Arrays;

/**
 * A Huffman code of deflate as a table (RFC 1951, 3.2.2): the next bits of the stream index what the code that they start with means.
 *
 * <p>An entry's low eight bits say how many bits its code takes. The highest four say what it is: {@link #LITERAL}, whose bytes are
 * bits 8 to 15 and, where {@link #TWO} is set, 16 to 23; {@link #LONGER}, a code longer than the index, which goes on in a table at
 * bits 8 to 27; {@link #END}; {@link #NONE}; or else a number, from bit 12 on, to which as many extra bits are added as bits 8 to 11 say.
 */
final class InflateCodes {
    static final int LITERAL = 1 << 31;
    static final int LONGER = 1 << 30;
    static final int END = 1 << 29;
    static final int NONE = 1 << 28;
    static final int TWO = 1 << 24;

    static final int LITERAL_BITS = 11;
    static final int DISTANCE_BITS = 9;
    static final int LENGTH_BITS = 7;
    private static final int LONGEST = 15;

    private final int indexBits;
    private final int[] meanings;
    final int[] table;

    private InflateCodes(int indexBits, int[] meanings) {
        this.indexBits = indexBits;
        this.meanings = meanings;
        // A table for longer codes holds two of them at least.
        this.table = new int[(1 << indexBits) + meanings.length / 2 * (1 << (LONGEST - indexBits))];
    }

    static InflateCodes literals() {
        int[] meanings = new int[288];
        for (int i = 0; i < 256; i++) {
            meanings[i] = LITERAL | i << 8;
        }
        meanings[256] = END;
        // RFC 1951, 3.2.5: lengths 3 to 10 stand alone, then every four codes have one bit more, and 258 has its own.
        numbers(meanings, 257, 28, 3, 4);
        meanings[285] = 258 << 12;
        meanings[286] = NONE;
        meanings[287] = NONE;
        return new InflateCodes(LITERAL_BITS, meanings);
    }

    static InflateCodes distances() {
        int[] meanings = new int[32];
        numbers(meanings, 0, 30, 1, 2);
        meanings[30] = NONE;
        meanings[31] = NONE;
        return new InflateCodes(DISTANCE_BITS, meanings);
    }

    /** The code in which the lengths of the other two are written. */
    static InflateCodes lengths() {
        int[] meanings = new int[19];
        numbers(meanings, 0, 19, 0, 19);
        return new InflateCodes(LENGTH_BITS, meanings);
    }

    private static void numbers(int[] meanings, int from, int count, int first, int group) {
        int number = first;
        for (int i = 0; i < count; i++) {
            int extra = Math.max(0, i / group - 1);
            meanings[from + i] = number << 12 | extra << 8;
            number += 1 << extra;
        }
    }

    /**
     * Makes the table of a code.
     *
     * @param lengths of the symbols' codes, 0 (none) to 15 bits
     * @return whether there is such a code; one that leaves codes over is damage, unless it has a single one or none
     */
    boolean define(byte[] lengths, int from, int count) {
        int[] next = new int[LONGEST + 1];
        int codes = 0;
        for (int symbol = 0; symbol < count; symbol++) {
            int length = lengths[from + symbol];
            codes += length == 0 ? 0 : 1;
            next[length] += length == 0 ? 0 : 1;
        }
        int first = 0;
        for (int length = 1; length <= LONGEST; length++) {
            int after = first + next[length];
            if (after > 1 << length) {
                return false;
            }
            next[length] = first;
            first = after << 1;
        }
        if (first != 2 << LONGEST && (codes > 1 || next[2] != 2 * codes)) {
            return false;
        }
        Arrays.fill(table, 0, 1 << indexBits, NONE);
        int used = 1 << indexBits;
        for (int symbol = 0; symbol < count; symbol++) {
            int length = lengths[from + symbol];
            if (length > 0) {
                int code = Integer.reverse(next[length]++) >>> -length;
                used = add(code, length, meanings[symbol] | length, used);
            }
        }
        return true;
    }

    /** @return where the next table for longer codes goes */
    private int add(int code, int length, int entry, int used) {
        if (length <= indexBits) {
            for (int i = code; i < 1 << indexBits; i += 1 << length) {
                table[i] = entry;
            }
            return used;
        }
        int size = 1 << (LONGEST - indexBits);
        int start = code & ((1 << indexBits) - 1);
        boolean fresh = table[start] == NONE;
        if (fresh) {
            table[start] = LONGER | used << 8 | indexBits;
        }
        int longer = table[start] >>> 8 & 0xfffff;
        for (int i = code >>> indexBits; i < size; i += 1 << (length - indexBits)) {
            table[longer + i] = entry;
        }
        return fresh ? used + size : used;
    }

    /** Makes one entry of two literals where the index has room for both codes. */
    void pairLiterals() {
        // From the end, so that what follows a code, which stands further ahead, is still a single one. Without
        // branches, which
        // nothing could predict, and a block of 16,384 symbols has a table of its own.
        for (int i = (1 << indexBits) - 1; i >= 0; i--) {
            int entry = table[i];
            int second = table[i >>> entry];
            int both = (entry & 0xff) + (second & 0xff);
            int pair = LITERAL | TWO | (second & 0xff00) << 8 | (entry & 0xff00) | both;
            int fits = (entry & second & (both - indexBits - 1)) >> 31;
            table[i] = entry ^ ((entry ^ pair) & fits);
        }
    }

    /** What the stream's next bits mean, 15 of them at least. */
    int entry(long bits) {
        int entry = table[(int) bits & ((1 << indexBits) - 1)];
        if ((entry & (LITERAL | LONGER)) == LONGER) {
            entry = table[(entry >>> 8 & 0xfffff) + ((int) (bits >>> indexBits) & ((1 << (LONGEST - indexBits)) - 1))];
        }
        return entry;
    }
}

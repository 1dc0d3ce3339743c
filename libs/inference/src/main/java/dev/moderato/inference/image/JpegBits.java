package dev.moderato.inference.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The bits between two markers of a JPEG's scan. */
final class JpegBits {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;

    private final FileBytes file;
    private final byte[] bytes;
    private int at;
    private int end;
    /** The next bits, from the highest on. */
    private long buffer;

    private int available;
    /** How many of the available bits lie past the end. */
    private int invented;

    JpegBits(FileBytes file) {
        this.file = file;
        this.bytes = file.file();
    }

    void open(int from, int to) {
        at = from;
        end = to;
        buffer = 0;
        available = 0;
        invented = 0;
    }

    private void fill() {
        if (at + Long.BYTES <= end) {
            long next = (long) LONGS.get(bytes, at);
            if (hasNoMarker(next)) {
                // The bits of a byte that only half fits are put there again by the next filling.
                buffer |= next >>> available;
                int whole = (Long.SIZE - available) >> 3;
                at += whole;
                available += whole << 3;
                return;
            }
        }
        fillByBytes();
    }

    /** Whether none of eight bytes is 0xFF. */
    private static boolean hasNoMarker(long eight) {
        return (~eight - ONES & eight & TOPS) == 0;
    }

    private void fillByBytes() {
        while (available <= 56) {
            long next = 0;
            if (at < end) {
                next = bytes[at++] & 0xff;
                at += next == 0xff ? 1 : 0; // a stuffed zero
            } else {
                invented += 8;
            }
            buffer |= next << (56 - available);
            available += 8;
        }
    }

    /** The next symbol. */
    int symbol(HuffmanTable table) throws ImageRejected {
        int code = code(table);
        drop(code >> 8);
        return code & 0xff;
    }

    /** The next symbol, and passes over the value that follows, of as many bits as the symbol's lower half says. */
    int symbolAndValue(HuffmanTable table) throws ImageRejected {
        int code = code(table);
        drop((code >> 8) + (code & 15));
        return code & 0xff;
    }

    /** Length × 256 + symbol. */
    private int code(HuffmanTable table) throws ImageRejected {
        if (available < 32) {
            fill();
        }
        int code = table.fast()[(int) (buffer >>> (64 - HuffmanTable.FAST_BITS))];
        if (code == 0) {
            code = table.slow((int) (buffer >>> 48));
            if (code == 0) {
                requireReal();
                throw file.corrupt("the JPEG has a wrong code before byte " + at);
            }
        }
        return code;
    }

    /** The next 1 to 16 bits as a number. */
    int bits(int count) {
        if (available < 32) {
            fill();
        }
        int value = (int) (buffer >>> (64 - count));
        drop(count);
        return value;
    }

    /** Passes over bits. */
    void skip(int count) {
        int left = count;
        while (left > 0) {
            if (available < 32) {
                fill();
            }
            int some = Math.min(left, 32);
            drop(some);
            left -= some;
        }
    }

    private void drop(int count) {
        buffer <<= count;
        available -= count;
    }

    /** @throws ImageRejected TRUNCATED where more bits were read than there are */
    void requireReal() throws ImageRejected {
        if (available < invented) {
            throw file.truncated("the JPEG's pixels end early, at byte " + end);
        }
    }
}

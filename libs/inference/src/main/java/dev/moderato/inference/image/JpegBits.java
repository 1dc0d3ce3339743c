package dev.moderato.inference.image;

/** The bits between two markers of a JPEG's scan. */
final class JpegBits {
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
        while (available <= 56) {
            int next = 0;
            if (at < end) {
                next = bytes[at++] & 0xff;
                at += next == 0xff ? 1 : 0; // a stuffed zero
            } else {
                invented += 8;
            }
            buffer |= (long) next << (56 - available);
            available += 8;
        }
    }

    /** The next symbol. */
    int symbol(HuffmanTable table) throws ImageRejected {
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
        drop(code >> 8);
        return code & 0xff;
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

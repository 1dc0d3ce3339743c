package dev.moderato.inference.image;

import java.nio.IntBuffer;

/**
 * One image of a GIF.
 *
 * @param data where its LZW code size and data blocks start
 * @param palette entries as 0xAARRGGBB; the transparent one has alpha 0, those beyond the file's palette are black
 */
record GifImage(int data, int width, int height, boolean interlaced, int[] palette) {
    private static final int MAX_BITS = 12;
    private static final int NONE = -1;
    private static final int[] PASS_START = {0, 4, 2, 1};
    private static final int[] PASS_STEP = {8, 8, 4, 2};

    /** @throws ImageRejected TRUNCATED where the data end before the last pixel, CORRUPT where a code cannot be */
    void decode(FileBytes file, IntBuffer pixels) throws ImageRejected {
        new Lzw(file, new Rows(pixels)).decode();
    }

    /** Puts pixels where they belong, row after row, in four passes if interlaced. */
    private final class Rows {
        private final IntBuffer pixels;
        private int pass;
        private int row;
        private int column;

        private Rows(IntBuffer pixels) {
            this.pixels = pixels;
        }

        boolean full() {
            return row >= height;
        }

        void add(int index) {
            pixels.put(row * width + column, palette[index]);
            if (++column == width) {
                column = 0;
                row += interlaced ? PASS_STEP[pass] : 1;
                while (interlaced && row >= height && pass < PASS_START.length - 1) {
                    row = PASS_START[++pass];
                }
            }
        }
    }

    private final class Lzw {
        private final FileBytes file;
        private final Rows rows;
        private final short[] prefix = new short[1 << MAX_BITS];
        private final byte[] suffix = new byte[1 << MAX_BITS];
        private final byte[] backwards = new byte[(1 << MAX_BITS) + 1];
        private int at;
        private int blockLeft;
        private int buffer;
        private int available;

        private Lzw(FileBytes file, Rows rows) {
            this.file = file;
            this.rows = rows;
        }

        void decode() throws ImageRejected {
            int codeSize = file.u8(data);
            if (codeSize < 1 || codeSize > 8) {
                throw file.corrupt("the GIF has codes of " + codeSize + " bits at byte " + data);
            }
            at = data + 1;
            int clear = 1 << codeSize;
            int bits = codeSize + 1;
            int next = clear + 2;
            int previous = NONE;
            int first = 0;
            while (!rows.full()) {
                int code = code(bits);
                if (code == clear) {
                    bits = codeSize + 1;
                    next = clear + 2;
                    previous = NONE;
                    continue;
                }
                if (code == clear + 1) {
                    throw endsEarly();
                }
                if (code > next || (previous == NONE && code > clear) || (code == next && next == 1 << MAX_BITS)) {
                    throw file.corrupt("the GIF has a wrong code before byte " + at);
                }
                int length = 0;
                int walk = code;
                if (code == next) {
                    backwards[length++] = (byte) first;
                    walk = previous;
                }
                while (walk > clear) {
                    backwards[length++] = suffix[walk];
                    walk = prefix[walk];
                }
                first = walk;
                backwards[length++] = (byte) walk;
                while (length > 0 && !rows.full()) {
                    rows.add(backwards[--length] & 0xff);
                }
                if (previous != NONE && next < 1 << MAX_BITS) {
                    prefix[next] = (short) previous;
                    suffix[next++] = (byte) first;
                    if (next == 1 << bits && bits < MAX_BITS) {
                        bits++;
                    }
                }
                previous = code;
            }
        }

        private int code(int bits) throws ImageRejected {
            while (available < bits) {
                if (blockLeft == 0) {
                    blockLeft = file.u8(at++);
                    if (blockLeft == 0) {
                        throw endsEarly();
                    }
                }
                buffer |= file.u8(at++) << available;
                available += 8;
                blockLeft--;
            }
            int code = buffer & (1 << bits) - 1;
            buffer >>>= bits;
            available -= bits;
            return code;
        }

        private ImageRejected endsEarly() {
            return file.truncated("the GIF's pixels end early, at byte " + at);
        }
    }
}

package dev.moderato.inference.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Inflates a zlib stream (RFC 1950, RFC 1951) that lies in parts of a file. Filtered photographs are nearly all literals, of which it
 * takes two at a time.
 */
final class Inflate {
    /** What one takes beside the rows it is read into. */
    static final int BYTES = 192 << 10;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    /** How far back a copy may reach. */
    private static final int WINDOW = 32 << 10;
    /** More than one turn of {@link #manySymbols} writes: ten literals, and a copy that is rounded up to eight bytes. */
    private static final int TURN = 288;
    /** At a code of eleven bits or less each: as many as the 56 bits that a refill leaves there have room for. */
    private static final int LOOKS = 5;

    private static final int LITERAL_MASK = (1 << InflateCodes.LITERAL_BITS) - 1;
    /** Bytes that one turn may look at. */
    private static final int AHEAD = 16;

    private static final int[] LENGTHS_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private enum Part {
        BLOCK_HEADER,
        STORED,
        SYMBOLS,
        END
    }

    private final FileBytes file;
    private final byte[] in;
    private final Ranges data;
    private final byte[] out = new byte[4 * WINDOW];
    private final int full = out.length - TURN;
    private final InflateCodes literals = InflateCodes.literals();
    private final InflateCodes distances = InflateCodes.distances();
    private final InflateCodes lengthCodes = InflateCodes.lengths();
    private final byte[] lengths = new byte[288 + 32];
    private final Adler32 sum = new Adler32();

    private int range = -1;
    private int at;
    private int end;
    /** The stream's next {@link #count} bits, from the lowest on. */
    private long bits;

    private int count;
    private Part part = Part.BLOCK_HEADER;
    private boolean lastBlock;
    private int stored;
    /** What is inflated lies in {@link #out} before this, what was read before {@link #read}. */
    private int written;

    private int read;

    Inflate(FileBytes file, Ranges data) throws ImageRejected {
        this.file = file;
        this.in = file.file();
        this.data = data;
        int header = take(8) << 8 | take(8);
        if (header % 31 != 0 || (header & 0x8f00) != 0x0800 || (header & 0x20) != 0) {
            throw damaged();
        }
    }

    /** Reads the next bytes. */
    void read(byte[] into, int offset, int length) throws ImageRejected {
        for (int done = 0; done < length; ) {
            if (read == written) {
                fill();
                if (read == written) {
                    throw damaged();
                }
            }
            int piece = Math.min(length - done, written - read);
            System.arraycopy(out, read, into, offset + done, piece);
            read += piece;
            done += piece;
        }
    }

    /** Checks the stream's checksum, if it ends here; what more there is, decoders ignore. */
    void finish() throws ImageRejected {
        if (read == written) {
            fill();
        }
        if (read == written) {
            take(count & 7);
            int expected = 0;
            for (int i = 0; i < 4; i++) {
                expected = expected << 8 | take(8);
            }
            if (expected != (int) sum.getValue()) {
                throw file.corrupt("the PNG's pixels do not match their checksum");
            }
        }
    }

    private void fill() throws ImageRejected {
        if (written > full) {
            System.arraycopy(out, written - WINDOW, out, 0, WINDOW);
            written = WINDOW;
            read = WINDOW;
        }
        while (part != Part.END && written <= full) {
            switch (part) {
                case BLOCK_HEADER -> blockHeader();
                case STORED -> stored();
                default -> symbols();
            }
        }
        sum.update(out, read, written - read);
    }

    private void blockHeader() throws ImageRejected {
        lastBlock = take(1) == 1;
        int type = take(2);
        switch (type) {
            case 0 -> {
                take(count & 7);
                stored = take(16);
                if ((take(16) ^ 0xffff) != stored) {
                    throw damaged();
                }
                part = Part.STORED;
            }
            case 1 -> {
                for (int i = 0; i < 288; i++) {
                    lengths[i] = (byte) (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
                }
                Arrays.fill(lengths, 288, 320, (byte) 5);
                codes(288, 32);
            }
            case 2 -> writtenCodes();
            default -> throw damaged();
        }
    }

    private void writtenCodes() throws ImageRejected {
        int literalCount = take(5) + 257;
        int distanceCount = take(5) + 1;
        int lengthCount = take(4) + 4;
        byte[] lengthLengths = new byte[LENGTHS_ORDER.length];
        for (int i = 0; i < lengthCount; i++) {
            lengthLengths[LENGTHS_ORDER[i]] = (byte) take(3);
        }
        if (literalCount > 286 || distanceCount > 30 || !lengthCodes.define(lengthLengths, 0, lengthLengths.length)) {
            throw damaged();
        }
        int all = literalCount + distanceCount;
        for (int i = 0; i < all; ) {
            int symbol = number(next(lengthCodes));
            if (symbol < 16) {
                lengths[i++] = (byte) symbol;
                continue;
            }
            if (symbol == 16 && i == 0) {
                throw damaged();
            }
            byte repeated = symbol == 16 ? lengths[i - 1] : 0;
            int times = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
            if (i + times > all) {
                throw damaged();
            }
            Arrays.fill(lengths, i, i + times, repeated);
            i += times;
        }
        if (lengths[256] == 0) {
            throw damaged();
        }
        codes(literalCount, distanceCount);
    }

    private void codes(int literalCount, int distanceCount) throws ImageRejected {
        if (!literals.define(lengths, 0, literalCount) || !distances.define(lengths, literalCount, distanceCount)) {
            throw damaged();
        }
        literals.pairLiterals();
        part = Part.SYMBOLS;
    }

    private void blockEnd() {
        part = lastBlock ? Part.END : Part.BLOCK_HEADER;
    }

    private void stored() throws ImageRejected {
        while (stored > 0 && written <= full) {
            if (count > 0 || at == end) {
                out[written++] = (byte) take(8);
                stored--;
            } else {
                int piece = Math.min(Math.min(stored, end - at), out.length - written);
                System.arraycopy(in, at, out, written, piece);
                at += piece;
                written += piece;
                stored -= piece;
            }
        }
        if (stored == 0) {
            blockEnd();
        }
    }

    private void symbols() throws ImageRejected {
        if (at <= end - AHEAD) {
            manySymbols();
        } else {
            symbol();
        }
    }

    /** One turn of {@link #manySymbols} where a part of the file may end. */
    private void symbol() throws ImageRejected {
        int entry = next(literals);
        if ((entry & InflateCodes.LITERAL) != 0) {
            literal(entry, written);
            written += literalCount(entry);
        } else if ((entry & InflateCodes.END) != 0) {
            blockEnd();
        } else {
            int length = number(entry);
            copy(length, number(next(distances)));
        }
    }

    private void manySymbols() throws ImageRejected {
        InflateCodes codes = literals;
        int[] table = codes.table;
        int stop = end - AHEAD;
        int from = at;
        long next = bits;
        int left = count;
        int to = written;
        while (from <= stop && to <= full && part == Part.SYMBOLS) {
            next |= (long) LONGS.get(in, from) << left;
            from += (63 - left) >> 3;
            left |= 56;
            int entry = table[(int) next & LITERAL_MASK];
            // Five looks at eleven bits each are what one refill has bits for.
            for (int looks = 0; looks < LOOKS && entry < 0; looks++) {
                literal(entry, to);
                to += literalCount(entry);
                next >>>= entry;
                left -= entry & 0xff;
                entry = table[(int) next & LITERAL_MASK];
            }
            if (entry < 0) {
                continue;
            }
            next |= (long) LONGS.get(in, from) << left;
            from += (63 - left) >> 3;
            left |= 56;
            entry = codes.entry(next);
            at = from;
            bits = next >>> entry;
            count = left - (entry & 0xff);
            written = to;
            if ((entry & InflateCodes.LITERAL) != 0) {
                literal(entry, written++);
            } else if ((entry & InflateCodes.END) != 0) {
                blockEnd();
            } else {
                int length = number(entry);
                copy(length, number(next(distances)));
            }
            from = at;
            next = bits;
            left = count;
            to = written;
        }
        at = from;
        bits = next & ((1L << left) - 1); // what lies above are bits of bytes that are not counted yet
        count = left;
        written = to;
    }

    private static int literalCount(int entry) {
        return 1 + (entry >>> 24 & 1);
    }

    /** Writes both bytes; where there is only one, the second will be overwritten. */
    private void literal(int entry, int to) {
        SHORTS.set(out, to, (short) (entry >>> 8));
    }

    private void copy(int length, int distance) throws ImageRejected {
        int from = written - distance;
        if (from < 0) {
            throw damaged();
        }
        if (distance >= Long.BYTES) {
            for (int i = 0; i < length; i += Long.BYTES) {
                LONGS.set(out, written + i, (long) LONGS.get(out, from + i));
            }
        } else {
            for (int i = 0; i < length; i++) {
                out[written + i] = out[from + i];
            }
        }
        written += length;
    }

    /** What a code means, which is a number that some of the next bits may be added to. */
    private int number(int entry) throws ImageRejected {
        if ((entry & InflateCodes.NONE) != 0) {
            throw damaged();
        }
        return (entry >>> 12) + take(entry >>> 8 & 15);
    }

    /** Takes a code. */
    private int next(InflateCodes codes) throws ImageRejected {
        if (count < 15) {
            refill();
        }
        int entry = codes.entry(bits);
        take(entry & 0xff);
        return entry;
    }

    private int take(int n) throws ImageRejected {
        if (count < n) {
            refill();
            if (count < n) {
                throw damaged();
            }
        }
        int value = (int) bits & ((1 << n) - 1);
        bits >>>= n;
        count -= n;
        return value;
    }

    private void refill() {
        while (count <= 56) {
            if (at == end) {
                if (range + 1 == data.count()) {
                    return;
                }
                range++;
                at = data.start(range);
                end = data.end(range);
            }
            bits |= (in[at++] & 0xffL) << count;
            count += 8;
        }
    }

    private ImageRejected damaged() {
        return file.corrupt("the PNG's pixels end early or are damaged");
    }
}

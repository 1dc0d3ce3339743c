package dev.moderato.pictograms;

import java.io.ByteArrayOutputStream;

/** Packs bits into bytes, the lowest bit first. */
final class BitWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long pending;
    private int count;

    /** Writes the lowest {@code bits} (at most 32) bits of a value. */
    void write(int value, int bits) {
        pending |= (value & ((1L << bits) - 1)) << count;
        count += bits;
        while (count >= 8) {
            bytes.write((int) pending);
            pending >>>= 8;
            count -= 8;
        }
    }

    /** All bytes so far, the last one filled up with zeros. */
    byte[] finish() {
        if (count > 0) {
            bytes.write((int) pending);
            pending = 0;
            count = 0;
        }
        return bytes.toByteArray();
    }
}

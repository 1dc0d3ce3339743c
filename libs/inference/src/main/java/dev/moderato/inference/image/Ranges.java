package dev.moderato.inference.image;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Parts of a file, in order; neighbours become one. */
final class Ranges {
    private int[] bounds = new int[8];
    private int used;

    /** Adds the bytes from {@code start} to {@code end} (exclusive). */
    void add(int start, int end) {
        if (start == end) {
            return;
        }
        if (used > 0 && bounds[used - 1] == start) {
            bounds[used - 1] = end;
            return;
        }
        if (used == bounds.length) {
            bounds = Arrays.copyOf(bounds, used * 2);
        }
        bounds[used++] = start;
        bounds[used++] = end;
    }

    int count() {
        return used / 2;
    }

    int start(int range) {
        return bounds[2 * range];
    }

    int end(int range) {
        return bounds[2 * range + 1];
    }

    /** These parts of a file, one after the other. */
    byte[] copy(byte[] file) {
        ByteBuffer copy = ByteBuffer.allocate((int) bytes());
        for (int i = 0; i < count(); i++) {
            copy.put(file, start(i), end(i) - start(i));
        }
        return copy.array();
    }

    /** The number of bytes in all of them. */
    long bytes() {
        long sum = 0;
        for (int i = 0; i < count(); i++) {
            sum += end(i) - start(i);
        }
        return sum;
    }
}

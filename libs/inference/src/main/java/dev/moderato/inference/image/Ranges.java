package dev.moderato.inference.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    /** The same bytes in pieces of at most so many. */
    List<Ranges> pieces(int most) {
        List<Ranges> pieces = new ArrayList<>();
        Ranges piece = new Ranges();
        int room = most;
        for (int i = 0; i < count(); i++) {
            int at = start(i);
            while (at < end(i)) {
                int end = Math.min(end(i), at + room);
                piece.add(at, end);
                room -= end - at;
                at = end;
                if (room == 0) {
                    pieces.add(piece);
                    piece = new Ranges();
                    room = most;
                }
            }
        }
        if (piece.count() > 0) {
            pieces.add(piece);
        }
        return pieces;
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

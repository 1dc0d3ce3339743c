package dev.moderato.pictograms;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A canonical Huffman code of at most 15 bits a symbol, as VP8L writes it. */
final class PrefixCode {
    private static final int LONGEST = 15;
    /** How many lengths the header of a code can give, and in which order (WebP lossless specification, 6.2.1.2). */
    private static final int[] LENGTH_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int[] lengths;
    private final int[] codes;
    private final int used;
    private final int last;

    private PrefixCode(int[] lengths, int[] codes, int used, int last) {
        this.lengths = lengths;
        this.codes = codes;
        this.used = used;
        this.last = last;
    }

    /** The best code for symbols that occur this often. */
    static PrefixCode of(int[] counts) {
        int used = 0;
        int last = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                used++;
                last = symbol;
            }
        }
        int[] lengths = used < 2 ? new int[counts.length] : lengths(counts);
        return new PrefixCode(lengths, codes(lengths), used, last);
    }

    /** Writes the code's own description. */
    void describe(BitWriter out) {
        if (used < 2) {
            // A "simple" code of one symbol, which then takes no bits at all.
            out.write(1, 1);
            out.write(0, 1);
            out.write(1, 1);
            out.write(last, 8);
            return;
        }
        out.write(0, 1);
        out.write(LENGTH_ORDER.length - 4, 4);
        // The lengths 0 to 15 are themselves written in 4 bits each; the three codes for runs are not used.
        for (int symbol : LENGTH_ORDER) {
            out.write(symbol <= LONGEST ? 4 : 0, 3);
        }
        out.write(0, 1);
        for (int length : lengths) {
            out.write(reverse(length, 4), 4);
        }
    }

    void write(int symbol, BitWriter out) {
        out.write(codes[symbol], lengths[symbol]);
    }

    private static int[] lengths(int[] counts) {
        int[] weights = counts.clone();
        while (true) {
            int[] lengths = depths(weights);
            int longest = 0;
            for (int length : lengths) {
                longest = Math.max(longest, length);
            }
            if (longest <= LONGEST) {
                return lengths;
            }
            // Flatter counts give a shallower tree.
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (weights[i] + 1) / 2;
            }
        }
    }

    private static int[] depths(int[] weights) {
        var queue =
                new PriorityQueue<Node>(Comparator.comparingLong(Node::weight).thenComparingInt(Node::order));
        for (int symbol = 0; symbol < weights.length; symbol++) {
            if (weights[symbol] > 0) {
                queue.add(new Node(weights[symbol], symbol, null, null));
            }
        }
        int order = weights.length;
        while (queue.size() > 1) {
            Node left = queue.remove();
            Node right = queue.remove();
            queue.add(new Node(left.weight + right.weight, order++, left, right));
        }
        var lengths = new int[weights.length];
        mark(queue.remove(), 0, lengths);
        return lengths;
    }

    private static void mark(Node node, int depth, int[] lengths) {
        if (node.left == null || node.right == null) {
            lengths[node.order] = depth;
        } else {
            mark(node.left, depth + 1, lengths);
            mark(node.right, depth + 1, lengths);
        }
    }

    /** Canonical codes, each turned round because the stream starts with the lowest bit. */
    private static int[] codes(int[] lengths) {
        var codes = new int[lengths.length];
        int code = 0;
        for (int length = 1; length <= LONGEST; length++) {
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] == length) {
                    codes[symbol] = reverse(code++, length);
                }
            }
            code <<= 1;
        }
        return codes;
    }

    private static int reverse(int code, int length) {
        return Integer.reverse(code) >>> (32 - length);
    }

    /** A leaf (order = symbol) or a joint of the Huffman tree. */
    private record Node(
            long weight,
            int order,
            @Nullable Node left,
            @Nullable Node right) {}
}

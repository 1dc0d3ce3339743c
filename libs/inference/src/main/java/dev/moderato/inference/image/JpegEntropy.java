package dev.moderato.inference.image;

import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads through the coded data of a JPEG without making pixels of it, to see that they are all there. Decoders fill what is missing
 * before a marker with grey and go on, and take a wrong code for nothing.
 */
final class JpegEntropy {
    private static final int BLOCK_END = 64;

    private final FileBytes file;
    private final JpegFrame frame;
    private final JpegBits bits;
    /** One long a block: which of its coefficients are not zero so far. */
    private final LongBuffer nonZero;

    private int emptyBlocks;

    /** @param nonZero one a block of the frame, all zero; only a progressive frame needs it */
    JpegEntropy(FileBytes file, JpegFrame frame, LongBuffer nonZero) {
        this.file = file;
        this.frame = frame;
        this.nonZero = nonZero;
        this.bits = new JpegBits(file);
    }

    /** @throws ImageRejected TRUNCATED where blocks are missing, CORRUPT where codes are wrong */
    void check(JpegScan scan) throws ImageRejected {
        boolean single = scan.parts().size() == 1;
        JpegFrame.Component only = frame.components().get(scan.parts().get(0).component());
        int wide = single ? frame.blocksWide(only) : frame.unitsWide();
        int units = wide * (single ? frame.blocksHigh(only) : frame.unitsHigh());
        int interval = scan.restartInterval() == 0 ? units : scan.restartInterval();
        int at = scan.start();
        int restarts = 0;
        for (int unit = 0; unit < units; unit++) {
            if (unit % interval == 0) {
                at = unit == 0 ? at : restart(scan, at, restarts++ % 8);
                int end = intervalEnd(at, scan.end());
                bits.open(at, end);
                at = end;
                emptyBlocks = 0;
            }
            if (single) {
                block(scan, scan.parts().get(0), unit / wide * frame.unitsWide() * only.horizontal() + unit % wide);
            } else {
                unit(scan, unit % wide, unit / wide);
            }
            bits.requireReal();
        }
    }

    private int restart(JpegScan scan, int at, int number) throws ImageRejected {
        if (at + 2 > scan.end()) {
            throw file.truncated("the JPEG's pixels end early, at byte " + at);
        }
        if (file.u8(at + 1) != 0xd0 + number) {
            throw file.corrupt("the JPEG has a restart marker out of order at byte " + at);
        }
        return at + 2;
    }

    private int intervalEnd(int from, int end) {
        byte[] bytes = file.file();
        for (int at = from; at + 1 < end; at++) {
            if (bytes[at] == (byte) 0xff && bytes[at + 1] != 0 && bytes[at + 1] != (byte) 0xff) {
                return at;
            }
        }
        return end;
    }

    private void unit(JpegScan scan, int x, int y) throws ImageRejected {
        for (JpegScan.Part part : scan.parts()) {
            JpegFrame.Component component = frame.components().get(part.component());
            int wide = frame.unitsWide() * component.horizontal();
            for (int v = 0; v < component.vertical(); v++) {
                for (int h = 0; h < component.horizontal(); h++) {
                    block(scan, part, (y * component.vertical() + v) * wide + x * component.horizontal() + h);
                }
            }
        }
    }

    private void block(JpegScan scan, JpegScan.Part part, int index) throws ImageRejected {
        if (!frame.progressive()) {
            difference(part);
            allOthers(part);
        } else if (scan.first() == 0) {
            if (scan.refines()) {
                bits.skip(1);
            } else {
                difference(part);
            }
        } else {
            int at = firstBlock(part.component()) + index;
            if (scan.refines()) {
                refine(scan, table(part.ac()), at);
            } else {
                begin(scan, table(part.ac()), at);
            }
        }
    }

    /** The first coefficient, as a difference. */
    private void difference(JpegScan.Part part) throws ImageRejected {
        int category = bits.symbolAndValue(table(part.dc()));
        if (category > 15) {
            throw file.corrupt("the JPEG has a difference of " + category + " bits");
        }
    }

    private HuffmanTable table(@Nullable HuffmanTable table) throws ImageRejected {
        if (table == null) {
            throw file.corrupt("the JPEG lacks a Huffman table that a scan needs");
        }
        return table;
    }

    private int firstBlock(int component) {
        int first = 0;
        for (int i = 0; i < component; i++) {
            first += frame.blocks(frame.components().get(i));
        }
        return first;
    }

    private void allOthers(JpegScan.Part part) throws ImageRejected {
        HuffmanTable table = table(part.ac());
        int k = 1;
        while (k < BLOCK_END) {
            int symbol = bits.symbolAndValue(table);
            if (symbol == 0) {
                return;
            }
            k += (symbol >> 4) + 1;
        }
        if (k > BLOCK_END) {
            throw file.corrupt("the JPEG has a block of more than 64 coefficients");
        }
    }

    private void begin(JpegScan scan, HuffmanTable table, int block) throws ImageRejected {
        if (emptyBlocks > 0) {
            emptyBlocks--;
            return;
        }
        long found = nonZero.get(block);
        int k = scan.first();
        while (k <= scan.last()) {
            int symbol = bits.symbol(table);
            int run = symbol >> 4;
            int size = symbol & 15;
            if (size == 0 && run < 15) {
                emptyBlocks = runOfBlocks(run) - 1;
                break;
            }
            k += run;
            if (size > 0) {
                found |= k < BLOCK_END ? 1L << k : 0;
                bits.skip(size);
            }
            k++;
        }
        if (k > scan.last() + 1) {
            throw file.corrupt("the JPEG has a block of more coefficients than its scan");
        }
        nonZero.put(block, found);
    }

    private int runOfBlocks(int exponent) {
        return (1 << exponent) + (exponent == 0 ? 0 : bits.bits(exponent));
    }

    private void refine(JpegScan scan, HuffmanTable table, int block) throws ImageRejected {
        long before = nonZero.get(block);
        long found = before;
        int k = scan.first();
        while (emptyBlocks == 0 && k <= scan.last()) {
            int symbol = bits.symbol(table);
            int zeros = symbol >> 4;
            boolean isNew = (symbol & 15) > 0;
            if (!isNew && zeros < 15) {
                emptyBlocks = runOfBlocks(zeros);
                break;
            }
            bits.skip(isNew ? 1 : 0);
            while (k <= scan.last()) {
                if ((before >>> k & 1) != 0) {
                    bits.skip(1);
                } else if (zeros-- == 0) {
                    break;
                }
                k++;
            }
            if (isNew && k <= scan.last()) {
                found |= 1L << k;
            }
            k++;
        }
        if (emptyBlocks > 0) {
            emptyBlocks--;
            if (k <= scan.last()) {
                long rest = before >>> k << k & -1L >>> (BLOCK_END - 1 - scan.last());
                bits.skip(Long.bitCount(rest));
            }
        }
        nonZero.put(block, found);
    }
}

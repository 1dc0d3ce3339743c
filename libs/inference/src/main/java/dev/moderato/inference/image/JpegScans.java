package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The scans of a JPEG: whether together they give the whole image, by what their headers say. */
final class JpegScans {
    /** Progressive files have ten or so. Many more are made to keep a decoder busy: each passes over the whole image. */
    private static final int MAX_SCANS = 100;
    /** As many scans of the largest image allowed are read. */
    private static final int MAX_SCANS_OF_LARGEST = 20;

    private static final int COEFFICIENTS = 64;
    private static final int UNKNOWN = -1;

    private final FileBytes file;
    private final JpegFrame frame;
    private final JpegTables tables;
    private final List<JpegScan> scans = new ArrayList<>();
    private boolean markers;
    /** By component and coefficient: how many of its lowest bits are missing still. */
    private final int[][] missingBits;

    JpegScans(FileBytes file, JpegFrame frame, JpegTables tables) {
        this.file = file;
        this.frame = frame;
        this.tables = tables;
        this.missingBits = new int[frame.components().size()][COEFFICIENTS];
        for (int[] bits : missingBits) {
            Arrays.fill(bits, UNKNOWN);
        }
    }

    List<JpegScan> all() {
        return scans;
    }

    /** Whether one scan holds the whole image, as in most baseline files. */
    boolean oneHoldsAll() {
        return scans.size() == 1
                && !frame.progressive()
                && scans.get(0).parts().size() == frame.components().size();
    }

    /** Whether there are restart markers, after each of which a decoder starts afresh. */
    boolean haveMarkers() {
        return markers;
    }

    /**
     * Reads a scan.
     *
     * @param at its marker
     * @param end of its header
     * @return one more than its last byte of coded data
     */
    int read(int at, int end, ImageLimits limits) throws ImageRejected {
        if (scans.size() == MAX_SCANS
                || (scans.size() + 1L) * frame.width() * frame.height() > MAX_SCANS_OF_LARGEST * limits.maxPixels()) {
            throw new ImageRejected(
                    Reason.UNSUPPORTED,
                    "a JPEG of " + frame.width() + "x" + frame.height() + " pixels in more than " + scans.size()
                            + " scans");
        }
        int count = file.u8(at + 4);
        if (count < 1 || count > frame.components().size() || end != at + 8 + 2 * count) {
            throw file.corrupt("the JPEG has a scan of " + count + " components at byte " + at);
        }
        int first = file.u8(end - 3);
        int last = file.u8(end - 2);
        int high = file.u8(end - 1) >> 4;
        int low = file.u8(end - 1) & 15;
        if (frame.progressive()
                ? last >= COEFFICIENTS || first > last || (first == 0 ? last != 0 : count > 1) || low > 13
                : first != 0 || last != COEFFICIENTS - 1 || high != 0 || low != 0) {
            throw file.corrupt("the JPEG has a scan of coefficients " + first + " to " + last + ", bits " + high
                    + " to " + low + " at byte " + at);
        }
        List<JpegScan.Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int component = component(file.u8(at + 5 + 2 * i), at);
            int slots = file.u8(at + 6 + 2 * i);
            parts.add(new JpegScan.Part(component, tables.dc(slots >> 4), tables.ac(slots & 15)));
            give(component, first, last, high, low, at);
        }
        int codedEnd = codedEnd(end);
        markers |= tables.restartInterval() > 0;
        scans.add(new JpegScan(end, codedEnd, List.copyOf(parts), first, last, high > 0, tables.restartInterval()));
        return codedEnd;
    }

    private int component(int id, int at) throws ImageRejected {
        for (int i = 0; i < frame.components().size(); i++) {
            if (frame.components().get(i).id() == id) {
                return i;
            }
        }
        throw file.corrupt("the JPEG has a scan of an unknown component " + id + " at byte " + at);
    }

    private void give(int component, int first, int last, int high, int low, int at) throws ImageRejected {
        for (int k = first; k <= last; k++) {
            int missing = missingBits[component][k];
            if (high == 0 ? missing != UNKNOWN : missing != high || low != high - 1) {
                throw file.corrupt("the JPEG has scans out of order at byte " + at);
            }
            missingBits[component][k] = low;
        }
    }

    /** The next marker that is no restart marker. */
    private int codedEnd(int from) throws ImageRejected {
        byte[] bytes = file.file();
        for (int at = from; at < bytes.length - 1; at++) {
            if (bytes[at] == (byte) 0xff) {
                int code = bytes[at + 1] & 0xff;
                if (code >= 0xd0 && code <= 0xd7) {
                    markers = true;
                } else if (code != 0 && code != 0xff) {
                    return at;
                }
            }
        }
        throw file.truncated("the JPEG ends after " + file.size() + " bytes, inside its pixels");
    }

    /** @throws ImageRejected TRUNCATED where a scan is missing */
    void requireWhole() throws ImageRejected {
        for (int component = 0; component < missingBits.length; component++) {
            for (int k = 0; k < COEFFICIENTS; k++) {
                if (missingBits[component][k] != 0) {
                    throw file.truncated("the JPEG's last scans are missing: coefficient " + k + " of component "
                            + frame.components().get(component).id() + " is not whole");
                }
            }
        }
    }
}

package dev.moderato.inference.image;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One scan of a JPEG.
 *
 * @param start its first byte of coded data
 * @param end one more than the last
 * @param first the first of the 64 coefficients of a block that it gives
 * @param last the last of them
 * @param refines whether it adds a bit to coefficients that an earlier scan began
 */
record JpegScan(int start, int end, List<Part> parts, int first, int last, boolean refines, int restartInterval) {
    /** A component in it, by its index in the frame; tables may be missing where they are not needed. */
    record Part(
            int component,
            @Nullable HuffmanTable dc,
            @Nullable HuffmanTable ac) {}
}

package dev.moderato.kernels;

/** A source of pixel rows, top to bottom. */
@FunctionalInterface
public interface PixelRows {
    /**
     * Copies a block of rows.
     *
     * @param y the first row
     * @param rows how many
     * @param x the first pixel of each row
     * @param pixels how many of each row
     * @param into receives the interleaved channels of row r from {@code r * stride} on
     */
    void read(int y, int rows, int x, int pixels, byte[] into, int stride);
}

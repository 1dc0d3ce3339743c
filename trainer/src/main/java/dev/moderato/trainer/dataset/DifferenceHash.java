package dev.moderato.trainer.dataset;

/**
 * 64 bits that change little when an image is scaled, recompressed or brightened: of 9 × 8 grey fields, whether each is brighter than
 * its left neighbour (dHash).
 */
final class DifferenceHash {
    /** Two images whose hashes differ in no more bits are taken for one. */
    static final int NEAR = 5;

    /** Grey levels by which a field must be brighter: between even fields, rounding would decide. */
    private static final double CLEARLY = 2;

    private static final int COLUMNS = 9;
    private static final int ROWS = 8;

    private DifferenceHash() {}

    /** @param crop uint8 RGB, height × width × 3, channel last */
    static long of(byte[] crop, int width, int height) {
        double[] fields = new double[COLUMNS * ROWS];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                double grey = 0.299 * (crop[at] & 0xff) + 0.587 * (crop[at + 1] & 0xff) + 0.114 * (crop[at + 2] & 0xff);
                fields[y * ROWS / height * COLUMNS + x * COLUMNS / width] +=
                        grey / (fieldSize(x, width, COLUMNS) * fieldSize(y, height, ROWS));
            }
        }
        long hash = 0;
        for (int row = 0; row < ROWS; row++) {
            for (int column = 1; column < COLUMNS; column++) {
                boolean brighter = fields[row * COLUMNS + column] > fields[row * COLUMNS + column - 1] + CLEARLY;
                hash = hash << 1 | (brighter ? 1 : 0);
            }
        }
        return hash;
    }

    /** How many pixels long the field is that a place lies in: a side is seldom a multiple of the number of fields. */
    private static double fieldSize(int place, int side, int fields) {
        int field = place * fields / side;
        int from = (field * side + fields - 1) / fields;
        int to = ((field + 1) * side + fields - 1) / fields;
        return to - from;
    }

    static boolean near(long one, long other) {
        return Long.bitCount(one ^ other) <= NEAR;
    }
}

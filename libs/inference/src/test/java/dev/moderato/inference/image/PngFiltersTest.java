package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filtered rows give the pixels of the unfiltered ones, whatever the size of a pixel. */
class PngFiltersTest {
    private static final int NONE = 0;
    private static final int MIXED = 5;

    @ParameterizedTest(name = "colour type {0}, {1} bits")
    @CsvSource({"0, 1, 1", "0, 8, 1", "0, 16, 1", "2, 8, 3", "2, 16, 3", "4, 8, 2", "4, 16, 2", "6, 8, 4", "6, 16, 4"})
    void filtersAreUndone(int colour, int depth, int samples) throws ImageRejected {
        Random random = new Random(colour * 100L + depth);
        for (int width : new int[] {1, 2, 7, 64, 501}) {
            int height = 10;
            int bytes = (width * depth * samples + 7) / 8;
            byte[][] rows = new byte[height][bytes];
            for (byte[] row : rows) {
                for (int i = 0; i < bytes; i++) {
                    row[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 128 + random.nextGaussian() * 20);
                }
            }
            int step = Math.max(1, depth * samples / 8);
            byte[] plain = Encoded.png(width, height, depth, colour, filtered(rows, step, NONE));
            for (int filter = 1; filter <= MIXED; filter++) {
                byte[] file = Encoded.png(width, height, depth, colour, filtered(rows, step, filter));
                assertThat(Prepared.pixels(file, width, height))
                        .as("%d pixels wide, filter %d", width, filter)
                        .isEqualTo(Prepared.pixels(plain, width, height));
            }
        }
    }

    /** PNG specification, section 9.2. */
    private static byte[] filtered(byte[][] rows, int step, int filter) {
        int bytes = rows[0].length;
        byte[] out = new byte[rows.length * (1 + bytes)];
        for (int y = 0; y < rows.length; y++) {
            int used = filter == MIXED ? y % MIXED : filter;
            out[y * (1 + bytes)] = (byte) used;
            for (int i = 0; i < bytes; i++) {
                int left = i < step ? 0 : rows[y][i - step] & 0xff;
                int up = y == 0 ? 0 : rows[y - 1][i] & 0xff;
                int corner = i < step || y == 0 ? 0 : rows[y - 1][i - step] & 0xff;
                int predicted = switch (used) {
                    case 1 -> left;
                    case 2 -> up;
                    case 3 -> (left + up) / 2;
                    case 4 -> paeth(left, up, corner);
                    default -> 0;
                };
                out[y * (1 + bytes) + 1 + i] = (byte) (rows[y][i] - predicted);
            }
        }
        return out;
    }

    private static int paeth(int left, int up, int corner) {
        int estimate = left + up - corner;
        int toLeft = Math.abs(estimate - left);
        int toUp = Math.abs(estimate - up);
        int toCorner = Math.abs(estimate - corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return left;
        }
        return toUp <= toCorner ? up : corner;
    }
}

package dev.moderato.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfTest {
    @Test
    void everyHalfSurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Half.toFloat((short) bits);
            short back = Half.fromFloat(value);
            if (Float.isNaN(value)) {
                assertThat(Half.toFloat(back)).isNaN();
            } else {
                assertThat(back).as("%x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void knowsLandmarks() {
        assertThat(Half.toFloat((short) 0x3c00)).isEqualTo(1f);
        assertThat(Half.toFloat((short) 0xc000)).isEqualTo(-2f);
        assertThat(Half.toFloat((short) 0x7bff)).isEqualTo(65504f);
        assertThat(Half.toFloat((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(Half.toFloat((short) 0x7c00)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Half.fromFloat(65519.99f)).isEqualTo((short) 0x7bff);
        assertThat(Half.fromFloat(65520f)).isEqualTo((short) 0x7c00);
        assertThat(Half.fromFloat(0x1p-25f)).as("a tie goes to even").isZero();
        assertThat(Half.fromFloat(-0f)).isEqualTo((short) 0x8000);
    }

    @Test
    void roundsToTheNearestHalf() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(44) - 28));
            int half = Half.fromFloat(value) & 0xffff;
            double error = Math.abs(Half.toFloat((short) half) - (double) value);
            if (!Double.isFinite(error)) {
                assertThat(Math.abs(value)).isGreaterThanOrEqualTo(65520f);
                continue;
            }
            for (int neighbour : new int[] {half - 1, half + 1}) {
                float other = Half.toFloat((short) neighbour);
                if (Float.isFinite(other)) {
                    assertThat(error).as("%s", value).isLessThanOrEqualTo(Math.abs(other - (double) value));
                }
            }
        }
    }

    @Test
    void roundsToTheNearestBrainFloat() {
        assertThat(Half.brainToFloat((short) 0x3f80)).isEqualTo(1f);
        assertThat(Half.brainFromFloat(1f)).isEqualTo((short) 0x3f80);
        assertThat(Half.brainFromFloat(Float.intBitsToFloat(0x3f808000)))
                .as("a tie goes to even")
                .isEqualTo((short) 0x3f80);
        assertThat(Half.brainFromFloat(Float.intBitsToFloat(0x3f818000)))
                .as("a tie goes to even")
                .isEqualTo((short) 0x3f82);
        assertThat(Half.brainToFloat(Half.brainFromFloat(Float.NaN))).isNaN();
        assertThat(Half.brainToFloat(Half.brainFromFloat(Float.MAX_VALUE))).isEqualTo(Float.POSITIVE_INFINITY);
    }
}

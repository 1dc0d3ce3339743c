package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
    @Test
    void everyHalfComesBackFromItsFloat() {
        for (int half = 0; half < 1 << 16; half++) {
            float value = Halfs.toFloat((short) half);
            if (!Float.isNaN(value)) {
                assertThat(Halfs.fromFloat(value)).isEqualTo((short) half);
            }
        }
    }

    @Test
    void roundsToTheNearestHalfTiesToEven() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(40) - 26));
            short half = Halfs.fromFloat(value);
            double error = Math.abs((double) Halfs.toFloat(half) - value);
            for (int step = -1; step <= 1; step += 2) {
                double other = Math.abs((double) Halfs.toFloat((short) (half + step)) - value);
                if (!Double.isNaN(other)) {
                    assertThat(error).isLessThanOrEqualTo(other);
                    assertThat(error == other && (half & 1) == 1)
                            .as("a tie goes to even: %s", value)
                            .isFalse();
                }
            }
        }
        assertThat(Halfs.toFloat(Halfs.fromFloat(65504))).isEqualTo(65504);
        assertThat(Halfs.toFloat(Halfs.fromFloat(65520))).isInfinite();
        assertThat(Halfs.toFloat(Halfs.fromFloat(-1e-9f))).isEqualTo(-0.0f);
    }

    @Test
    void refusesWhatIsNotFinite() {
        assertThatThrownBy(() -> Embedding.ofUnit(new float[] {0, Float.NaN}))
                .hasMessage("component 1 of the embedding is NaN");
    }

    @Test
    void isAValue() {
        Embedding embedding = Embedding.ofUnit(new float[] {0.6f, -0.8f});
        short[] halfs = embedding.halfs();
        halfs[0] = 0;

        assertThat(embedding).isEqualTo(Embedding.ofHalfs(embedding.halfs())).isNotEqualTo(Embedding.ofHalfs(halfs));
        assertThat(embedding.size()).isEqualTo(2);
    }
}

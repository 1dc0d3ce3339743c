package dev.moderato.trainer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.trainer.recipe.Recipe.Loss;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The losses against their formulas, worked out in doubles. */
@SuppressWarnings("try") // a PointerScope is used by being open
class LossesTest {
    private static final double SCALE = 4;
    private static final double BIAS = -1;
    /** Cosines of image i (of length 1) with text k. */
    private static final double[][] COSINES = {{0.8, 0.1, 0.3}, {-0.2, 0.9, 0.3}, {0.4, 0.2, 0.6}};

    @Test
    void infonceTakesTheDiagonalForRight() {
        double[][] target = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        assertThat(loss(Loss.INFONCE, new Batch.Groups(new long[] {7, 7, 7})))
                .isCloseTo(symmetric(logits(0), target), within(1e-5));
    }

    @Test
    void equalCaptionsShareTheTarget() {
        double[][] target = {{0.5, 0.5, 0}, {0.5, 0.5, 0}, {0, 0, 1}};
        assertThat(loss(Loss.MULTIPOSITIVE, new Batch.Groups(new long[] {7, 7, 8})))
                .isCloseTo(symmetric(logits(0), target), within(1e-5));
    }

    @Test
    void multipositiveOfDistinctCaptionsIsInfonce() {
        Batch.Match distinct = new Batch.Groups(new long[] {1, 2, 3});
        assertThat(loss(Loss.MULTIPOSITIVE, distinct)).isCloseTo(loss(Loss.INFONCE, distinct), within(1e-6));
    }

    @Test
    void openPairsCountNeitherWay() {
        double[][] logits = logits(0);
        logits[0][2] = -1e9;
        double[][] target = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        Batch.Match match =
                new Batch.Matrix(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, new float[] {0, 0, 1, 0, 0, 0, 0, 0, 0});
        assertThat(loss(Loss.MULTIPOSITIVE, match)).isCloseTo(symmetric(logits, target), within(1e-5));
    }

    @Test
    void sigmoidJudgesEachPairAlone() {
        double[][] logits = logits(BIAS);
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) {
                boolean right = i == k || i + k == 1;
                sum += Math.log1p(Math.exp(right ? -logits[i][k] : logits[i][k]));
            }
        }
        assertThat(loss(Loss.SIGMOID, new Batch.Groups(new long[] {7, 7, 8}))).isCloseTo(sum / 3, within(1e-5));
    }

    private static double loss(Loss loss, Batch.Match match) {
        try (PointerScope scope = new PointerScope()) {
            // Texts are the unit axes, images are rows of cosines, completed to length 1 and then to any length.
            float[] images = new float[12];
            float[] texts = new float[12];
            for (int i = 0; i < 3; i++) {
                double rest = 1;
                for (int k = 0; k < 3; k++) {
                    images[4 * i + k] = (float) (COSINES[i][k] * (i + 2));
                    rest -= COSINES[i][k] * COSINES[i][k];
                }
                images[4 * i + 3] = (float) (Math.sqrt(rest) * (i + 2));
                texts[4 * i + i] = 3;
            }
            Tensor value = Losses.of(
                    loss,
                    Tensors.of(images, 3, 4),
                    Tensors.of(texts, 3, 4),
                    match,
                    Tensors.of(new float[] {(float) SCALE}, 1),
                    Tensors.of(new float[] {(float) BIAS}, 1));
            return value.item_float();
        }
    }

    private static double[][] logits(double bias) {
        double[][] logits = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) {
                logits[i][k] = SCALE * COSINES[i][k] + bias;
            }
        }
        return logits;
    }

    private static double symmetric(double[][] logits, double[][] target) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double row = 0;
            double column = 0;
            for (int k = 0; k < 3; k++) {
                row += Math.exp(logits[i][k]);
                column += Math.exp(logits[k][i]);
            }
            for (int k = 0; k < 3; k++) {
                sum -= target[i][k] == 0 ? 0 : target[i][k] * (logits[i][k] - Math.log(row));
                sum -= target[k][i] == 0 ? 0 : target[k][i] * (logits[k][i] - Math.log(column));
            }
        }
        return sum / 6;
    }
}

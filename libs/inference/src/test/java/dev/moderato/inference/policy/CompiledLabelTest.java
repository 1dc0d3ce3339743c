package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompiledLabelTest {
    @Test
    void comparingMarginsDecidesAsComparingScoresDoesToTheLastBit() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            Calibration calibration = new Calibration(0.05 + 3 * random.nextDouble(), random.nextGaussian(), 1);
            double scale = 1 + 120 * random.nextDouble();
            double threshold = random.nextDouble();
            double margin = label(calibration).marginFor(scale, threshold);
            if (Double.isInfinite(margin)) {
                continue;
            }
            assertThat(calibration.score(scale, margin)).isGreaterThanOrEqualTo(threshold);
            assertThat(calibration.score(scale, Math.nextDown(margin))).isLessThan(threshold);
        }
    }

    @Test
    void extremeThresholdsAreAlwaysOrNeverReached() {
        assertThat(label(Calibration.IDENTITY).marginFor(100, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(label(new Calibration(0.001, -5, 1)).marginFor(100, 0.5)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    private static CompiledLabel label(Calibration calibration) {
        Label label = new Label("l", "", List.of("p"), List.of(), Rule.NONE, false, Map.of());
        return new CompiledLabel(label, label.prompts(), 0, List.of(), 1, calibration, true);
    }
}

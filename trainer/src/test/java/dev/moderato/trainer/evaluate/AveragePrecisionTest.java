package dev.moderato.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.trainer.evaluate.AveragePrecision.Gain;
import dev.moderato.trainer.evaluate.AveragePrecision.Scored;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AveragePrecisionTest {
    private static Scored image(boolean present, double before, double after) {
        return new Scored("image", "label", present, before, after);
    }

    @Test
    void isTheMeanPrecisionAtEachImageThatHasTheLabel() {
        List<Scored> images = List.of(
                image(true, 0.9, 0),
                image(false, 0.8, 0),
                image(true, 0.7, 0),
                image(false, 0.6, 0),
                image(true, 0.5, 0));
        assertThat(AveragePrecision.of(images, Scored::before)).isCloseTo((1 + 2 / 3.0 + 3 / 5.0) / 3, within(1e-12));
    }

    @Test
    void equalScoresAreNoOrder() {
        List<Scored> images = List.of(image(true, 0.5, 0), image(false, 0.5, 0), image(true, 0.5, 0));
        assertThat(AveragePrecision.of(images, Scored::before)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(AveragePrecision.of(List.of(image(false, 1, 1)), Scored::before))
                .isZero();
    }

    @Test
    void anIntervalLiesAboveZeroOnlyWhereTheGainIsCertain() {
        List<Scored> better = new ArrayList<>();
        List<Scored> same = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            boolean present = i % 3 == 0;
            better.add(image(present, (i * 7 % 60) / 60.0, present ? 0.9 : 0.1));
            same.add(image(present, (i * 7 % 60) / 60.0, (i * 11 % 60) / 60.0));
        }
        Gain gain = AveragePrecision.gain(better);
        assertThat(gain.after()).isEqualTo(1);
        assertThat(gain.low()).isPositive().isLessThan(gain.after() - gain.before());
        assertThat(gain.high()).isGreaterThan(gain.after() - gain.before());
        assertThat(AveragePrecision.gain(same).low()).isNegative();
        assertThat(AveragePrecision.gain(better)).isEqualTo(gain);
    }
}

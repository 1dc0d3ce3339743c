package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationReportTest {
    /** Judgements of which the truth is known: presence is drawn with probability sigmoid(a · logit + b). */
    private static List<Judged> drawn(int count, double a, double b, long seed) {
        Random random = new Random(seed);
        List<Judged> judged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double logit = 4 * random.nextGaussian();
            judged.add(new Judged(logit, random.nextDouble() < 1 / (1 + Math.exp(-(a * logit + b)))));
        }
        return judged;
    }

    @Test
    void findsTheTruthThatMadeTheJudgements() {
        Calibration fit = LogisticFit.fit(drawn(20_000, 0.7, -1.5, 1));

        assertThat(fit.a()).isCloseTo(0.7, within(0.05));
        assertThat(fit.b()).isCloseTo(-1.5, within(0.08));
        assertThat(fit.n()).isEqualTo(20_000);
    }

    @Test
    void isAtTheTopOfThePosterior() {
        List<Judged> judged = drawn(200, 0.7, -1.5, 2);
        Calibration fit = LogisticFit.fit(judged);
        double gradientA = -0.25 * (fit.a() - 1);
        double gradientB = -0.04 * fit.b();
        for (Judged one : judged) {
            double error = (one.present() ? 1 : 0) - fit.score(1, one.logit());
            gradientA += error * one.logit();
            gradientB += error;
        }
        assertThat(gradientA).isCloseTo(0, within(1e-6));
        assertThat(gradientB).isCloseTo(0, within(1e-6));
    }

    @Test
    void perfectSeparationAndFewJudgementsStayFinite() {
        Calibration fit = LogisticFit.fit(List.of(new Judged(-40, false), new Judged(50, true), new Judged(60, true)));

        assertThat(fit.a()).isBetween(0.05, 3.0);
        assertThat(fit.score(1, 50)).isGreaterThan(0.9);
    }

    @Test
    void refusesWhatCannotBeFitted() {
        assertThatThrownBy(() -> LogisticFit.fit(List.of(new Judged(1, true))))
                .hasMessage("needs images with the label and images without it, there are 1 and 0");
        assertThatThrownBy(() -> LogisticFit.fit(drawn(5_000, -1, 0, 3))).hasMessageContaining("do not score higher");
    }

    @Test
    void calibrationMakesScoresReliable() {
        CalibrationReport report = CalibrationReport.of(drawn(20_000, 0.5, -2, 4));

        assertThat(report.brierAfter()).isLessThan(report.brierBefore());
        assertThat(report.reliability()).hasSize(10).allSatisfy(bin -> {
            assertThat(bin.images()).isPositive();
            assertThat(bin.observed().seen()).isCloseTo(bin.meanScore(), within(0.08));
        });
    }

    @Test
    void theCurveEndsWhereEverythingIsReached() {
        List<Judged> judged = drawn(500, 1, 0, 5);
        CalibrationReport report = CalibrationReport.of(judged);

        assertThat(report.curve())
                .isSortedAccordingTo((one, other) -> Double.compare(other.threshold(), one.threshold()));
        CalibrationReport.Point last = report.curve().get(report.curve().size() - 1);
        assertThat(last.recall()).isEqualTo(1);
        assertThat(last.falsePositiveRate()).isEqualTo(1);
        assertThat(last.precision()).isCloseTo(report.present() / 500.0, within(1e-12));
    }

    @Test
    void proposesTheLowestThresholdThatIsPreciseEnough() {
        List<Judged> judged = drawn(2_000, 0.8, -1, 6);
        Calibration fit = LogisticFit.fit(judged);

        CalibrationReport.Proposal proposal = Objects.requireNonNull(CalibrationReport.forPrecision(judged, fit, 0.9));

        List<Judged> reached = judged.stream()
                .filter(one -> fit.score(1, one.logit()) >= proposal.threshold())
                .toList();
        double precision = (double) reached.stream().filter(Judged::present).count() / reached.size();
        assertThat(precision)
                .isGreaterThanOrEqualTo(0.9)
                .isEqualTo(proposal.rate().seen());
        assertThat(proposal.rate().low()).isLessThan(precision);
        assertThat(proposal.low()).isLessThanOrEqualTo(proposal.threshold());
        assertThat(proposal.high()).isGreaterThanOrEqualTo(proposal.threshold());
    }

    @Test
    void proposesTheLowestThresholdWithFewEnoughFalsePositives() {
        List<Judged> judged = drawn(2_000, 0.8, -1, 7);
        Calibration fit = LogisticFit.fit(judged);

        CalibrationReport.Proposal proposal =
                Objects.requireNonNull(CalibrationReport.forFalsePositives(judged, fit, 0.05));

        assertThat(proposal.rate().seen()).isBetween(0.03, 0.05);
        assertThat(CalibrationReport.forPrecision(List.of(new Judged(1, false), new Judged(0, true)), fit, 1))
                .isNull();
    }

    @Test
    void wilsonsIntervalIsTheKnownOne() {
        Interval interval = Interval.wilson(8, 10);
        assertThat(interval.low()).isCloseTo(0.4902, within(1e-4));
        assertThat(interval.high()).isCloseTo(0.9433, within(1e-4));
        assertThat(Interval.wilson(0, 0)).isEqualTo(new Interval(0, 0, 1));
    }
}

package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a calibration is worth on the judgements it was fitted on: reliability, precision and recall, and thresholds.
 *
 * @param calibration the fitted entry
 * @param reliability ten bins of equal width over the score
 * @param curve by falling threshold
 * @param brierBefore mean squared error of the uncalibrated score
 * @param brierAfter and of the calibrated one
 */
public record CalibrationReport(
        Calibration calibration,
        int present,
        int absent,
        List<Bin> reliability,
        List<Point> curve,
        double brierBefore,
        double brierAfter) {
    private static final int BINS = 10;
    private static final int RESAMPLES = 200;
    private static final long SEED = 1;

    public CalibrationReport {
        reliability = List.copyOf(reliability);
        curve = List.copyOf(curve);
    }

    /**
     * The images whose score lies in one range.
     *
     * @param meanScore what the score promises
     * @param observed how many of them have the label
     */
    public record Bin(int images, double meanScore, Interval observed) {}

    /** What a threshold gives. */
    public record Point(double threshold, double precision, double recall, double falsePositiveRate) {}

    /**
     * A threshold for a wanted rate.
     *
     * @param low the threshold's own 95 % interval over resampled judgements (bootstrap)
     * @param rate the wanted rate as seen at the threshold, with Wilson's interval
     */
    public record Proposal(double threshold, double low, double high, Interval rate, double recall) {}

    /**
     * Fits and reports.
     *
     * @throws IllegalArgumentException as {@link LogisticFit#fit} does
     */
    public static CalibrationReport of(List<Judged> judged) {
        Calibration calibration = LogisticFit.fit(judged);
        List<Scored> scored = scored(judged, calibration);
        int present = (int) judged.stream().filter(Judged::present).count();
        return new CalibrationReport(
                calibration,
                present,
                judged.size() - present,
                bins(scored),
                curve(scored),
                brier(scored(judged, Calibration.IDENTITY)),
                brier(scored));
    }

    /** The lowest threshold whose precision is at least {@code wanted}; null where none is. */
    public static @Nullable Proposal forPrecision(List<Judged> judged, Calibration calibration, double wanted) {
        return propose(judged, calibration, true, points -> lowest(points, point -> point.precision() - wanted));
    }

    /** The lowest threshold whose false-positive rate is at most {@code wanted}; null where none is. */
    public static @Nullable Proposal forFalsePositives(List<Judged> judged, Calibration calibration, double wanted) {
        return propose(
                judged, calibration, false, points -> lowest(points, point -> wanted - point.falsePositiveRate()));
    }

    private record Scored(double score, boolean present) {}

    private interface Choice {
        @Nullable
        Point among(List<Point> points);
    }

    private static @Nullable Point lowest(List<Point> points, ToDoubleFunction<Point> enough) {
        Point lowest = null;
        for (Point point : points) {
            if (enough.applyAsDouble(point) >= 0) {
                lowest = point;
            }
        }
        return lowest;
    }

    private static @Nullable Proposal propose(
            List<Judged> judged, Calibration calibration, boolean precision, Choice choice) {
        List<Scored> scored = scored(judged, calibration);
        Point point = choice.among(curve(scored));
        if (point == null) {
            return null;
        }
        Random random = new Random(SEED);
        double[] thresholds = new double[RESAMPLES];
        int found = 0;
        for (int round = 0; round < RESAMPLES; round++) {
            List<Scored> resample = new ArrayList<>(scored.size());
            for (int i = 0; i < scored.size(); i++) {
                resample.add(scored.get(random.nextInt(scored.size())));
            }
            Point other = choice.among(curve(resample));
            thresholds[found++] = other == null ? 1 : other.threshold();
        }
        Arrays.sort(thresholds);
        List<Scored> reached =
                scored.stream().filter(one -> one.score() >= point.threshold()).toList();
        long hits = reached.stream().filter(Scored::present).count();
        long absent = scored.stream().filter(one -> !one.present()).count();
        Interval rate =
                precision ? Interval.wilson(hits, reached.size()) : Interval.wilson(reached.size() - hits, absent);
        return new Proposal(
                point.threshold(),
                thresholds[(int) (RESAMPLES * 0.025)],
                thresholds[(int) (RESAMPLES * 0.975)],
                rate,
                point.recall());
    }

    private static List<Scored> scored(List<Judged> judged, Calibration calibration) {
        return judged.stream()
                .map(one -> new Scored(calibration.score(1, one.logit()), one.present()))
                .toList();
    }

    private static double brier(List<Scored> scored) {
        return scored.stream()
                .mapToDouble(one -> Math.pow(one.score() - (one.present() ? 1 : 0), 2))
                .average()
                .orElse(0);
    }

    private static List<Bin> bins(List<Scored> scored) {
        List<Bin> bins = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            int number = bin;
            List<Scored> inside = scored.stream()
                    .filter(one -> Math.min(BINS - 1, (int) (one.score() * BINS)) == number)
                    .toList();
            long hits = inside.stream().filter(Scored::present).count();
            double mean = inside.stream().mapToDouble(Scored::score).average().orElse((bin + 0.5) / BINS);
            bins.add(new Bin(inside.size(), mean, Interval.wilson(hits, inside.size())));
        }
        return bins;
    }

    /** One point a distinct score, the highest first. */
    private static List<Point> curve(List<Scored> scored) {
        List<Scored> falling = scored.stream()
                .sorted(Comparator.comparingDouble(Scored::score).reversed())
                .toList();
        double present = Math.max(1, falling.stream().filter(Scored::present).count());
        double absent =
                Math.max(1, falling.stream().filter(one -> !one.present()).count());
        List<Point> points = new ArrayList<>();
        int hits = 0;
        for (int i = 0; i < falling.size(); i++) {
            hits += falling.get(i).present() ? 1 : 0;
            boolean lastOfItsScore = i + 1 == falling.size()
                    || falling.get(i + 1).score() < falling.get(i).score();
            if (lastOfItsScore) {
                int reached = i + 1;
                points.add(new Point(
                        falling.get(i).score(), (double) hits / reached, hits / present, (reached - hits) / absent));
            }
        }
        return points;
    }
}

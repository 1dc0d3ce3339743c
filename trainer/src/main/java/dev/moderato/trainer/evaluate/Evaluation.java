package dev.moderato.trainer.evaluate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A candidate against the model that it would follow.
 *
 * @param candidate id of the candidate's bundle
 * @param parent id of the bundle that serves
 * @param dataSet version of the data set
 * @param heldOut the held-out images of flagged labels with their scores
 * @param gain of average precision over all of them
 * @param byLabel the same for each label
 * @param retention zero-shot accuracy on images that were right before
 * @param tests what the policy's own tests say of the candidate, a line a failure
 * @param parity largest difference of a unit vector's component between ONNX Runtime and libtorch
 * @param losses of each step
 */
public record Evaluation(
        String candidate,
        String parent,
        String dataSet,
        List<AveragePrecision.Scored> heldOut,
        AveragePrecision.Gain gain,
        Map<String, AveragePrecision.Gain> byLabel,
        Retention retention,
        List<String> tests,
        double parity,
        List<Double> losses) {
    /** Zero-shot accuracy may fall by this much. */
    static final double RETENTION_LOSS = 0.01;

    /** The two runtimes may differ by this much. */
    static final double PARITY = 1e-4;

    public Evaluation {
        heldOut = List.copyOf(heldOut);
        byLabel = new TreeMap<>(byLabel);
        tests = List.copyOf(tests);
        losses = List.copyOf(losses);
    }

    /**
     * Top-1 accuracy over a set of images whose class is known.
     *
     * @param source where the classes come from
     */
    public record Retention(String source, int images, double before, double after) {
        boolean kept() {
            return images > 0 && after >= before - RETENTION_LOSS;
        }
    }

    /** A condition of the gate. */
    public record Check(String name, boolean passed, String detail) {}

    /** All conditions; a candidate is published where all are met. */
    public List<Check> checks() {
        return List.of(
                new Check(
                        "average precision on held-out flags rises",
                        gain.low() > 0,
                        text(
                                "%.3f before, %.3f after; the rise's 95%% interval is %.3f to %.3f over %d images",
                                gain.before(), gain.after(), gain.low(), gain.high(), heldOut.size())),
                new Check(
                        "zero-shot accuracy is kept",
                        retention.kept(),
                        text(
                                "%.3f before, %.3f after on %d images (%s)",
                                retention.before(), retention.after(), retention.images(), retention.source())),
                new Check(
                        "the policy's own tests pass",
                        tests.isEmpty(),
                        tests.isEmpty() ? "all pass" : String.join("; ", tests)),
                new Check(
                        "ONNX Runtime and libtorch agree",
                        parity <= PARITY,
                        text("the largest difference is %.1e", parity)));
    }

    public boolean passed() {
        return checks().stream().allMatch(Check::passed);
    }

    /** What goes into the bundle and the announcement. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new TreeMap<>();
        metrics.put("averagePrecisionBefore", gain.before());
        metrics.put("averagePrecision", gain.after());
        metrics.put("averagePrecisionGainLow", gain.low());
        metrics.put("averagePrecisionGainHigh", gain.high());
        metrics.put("retentionBefore", retention.before());
        metrics.put("retention", retention.after());
        metrics.put("parity", parity);
        return metrics;
    }

    private static String text(String format, Object... values) {
        return String.format(java.util.Locale.ROOT, format, values);
    }
}

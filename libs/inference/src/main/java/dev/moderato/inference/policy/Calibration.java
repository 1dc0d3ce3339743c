package dev.moderato.inference.policy;

/**
 * Turns a label's margin into a probability: {@code sigmoid(a · s · margin + b)}, s the model's logit scale.
 *
 * @param a slope, greater than 0 so that a larger margin never scores lower
 * @param b offset
 * @param n how many judged images it was fitted on; 0 where unknown
 */
public record Calibration(double a, double b, int n) {
    /** What an uncalibrated label uses. */
    public static final Calibration IDENTITY = new Calibration(1, 0, 0);

    public Calibration {
        if (!(a > 0) || !Double.isFinite(a) || !Double.isFinite(b) || n < 0) {
            throw new IllegalArgumentException("calibration a=" + a + " b=" + b + " n=" + n);
        }
    }

    /**
     * The score of a margin, in [0, 1]; the same bits on every machine.
     *
     * @param logitScale s
     */
    public double score(double logitScale, double margin) {
        return 1 / (1 + StrictMath.exp(-(a * logitScale * margin + b)));
    }
}

package dev.moderato.inference.policy;

import java.util.List;

/**
 * Fits a label's calibration: logistic regression of "present" on the logit by Newton's method, with a weak Gaussian prior
 * (a around 1, b around 0) so that few or perfectly separated judgements still give finite numbers.
 */
public final class LogisticFit {
    /** 1 / variance of the prior of a and of b. */
    private static final double PRIOR_A = 0.25;

    private static final double PRIOR_B = 0.04;
    private static final int MAX_STEPS = 100;

    private LogisticFit() {}

    /**
     * The calibration that makes the judgements most probable.
     *
     * @throws IllegalArgumentException where they do not hold both kinds, or where the score falls with presence
     */
    public static Calibration fit(List<Judged> judged) {
        long present = judged.stream().filter(Judged::present).count();
        if (present == 0 || present == judged.size()) {
            throw new IllegalArgumentException("needs images with the label and images without it, there are " + present
                    + " and " + (judged.size() - present));
        }
        double a = 1;
        double b = 0;
        double value = logPosterior(judged, a, b);
        for (int step = 0; step < MAX_STEPS; step++) {
            double[] direction = newtonStep(judged, a, b);
            double length = 1;
            double next = logPosterior(judged, a + direction[0], b + direction[1]);
            while (!(next >= value) && length > 1e-8) {
                length /= 2;
                next = logPosterior(judged, a + length * direction[0], b + length * direction[1]);
            }
            a += length * direction[0];
            b += length * direction[1];
            boolean converged = Math.abs(length * direction[0]) < 1e-10 && Math.abs(length * direction[1]) < 1e-10;
            value = next;
            if (converged) {
                break;
            }
        }
        if (!(a > 1e-6)) {
            throw new IllegalArgumentException(
                    "images with the label do not score higher than those without it: the prompts do not find it");
        }
        return new Calibration(a, b, judged.size());
    }

    private static double[] newtonStep(List<Judged> judged, double a, double b) {
        double gradientA = -PRIOR_A * (a - 1);
        double gradientB = -PRIOR_B * b;
        double aa = PRIOR_A;
        double ab = 0;
        double bb = PRIOR_B;
        for (Judged one : judged) {
            double p = probability(a * one.logit() + b);
            double error = (one.present() ? 1 : 0) - p;
            double weight = p * (1 - p);
            gradientA += error * one.logit();
            gradientB += error;
            aa += weight * one.logit() * one.logit();
            ab += weight * one.logit();
            bb += weight;
        }
        double determinant = aa * bb - ab * ab;
        return new double[] {
            (bb * gradientA - ab * gradientB) / determinant, (aa * gradientB - ab * gradientA) / determinant
        };
    }

    private static double logPosterior(List<Judged> judged, double a, double b) {
        double sum = -PRIOR_A * (a - 1) * (a - 1) / 2 - PRIOR_B * b * b / 2;
        for (Judged one : judged) {
            double logit = a * one.logit() + b;
            double signed = one.present() ? logit : -logit;
            sum -= signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
        }
        return sum;
    }

    private static double probability(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}

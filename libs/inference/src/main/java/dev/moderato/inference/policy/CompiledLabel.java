package dev.moderato.inference.policy;

import java.util.List;

/**
 * A label with its columns in the cosine matrix.
 *
 * @param prompts its prompts, sorted; they take the columns from {@code promptsFrom} on
 * @param negatives its negatives, sorted; they take the columns from {@code negativesFrom} on
 * @param calibration the model's entry, or the identity
 */
record CompiledLabel(
        Label label,
        List<String> prompts,
        int promptsFrom,
        List<String> negatives,
        int negativesFrom,
        Calibration calibration,
        boolean calibrated) {

    int promptsTo() {
        return promptsFrom + prompts.size();
    }

    int negativesTo() {
        return negativesFrom + negatives.size();
    }

    /**
     * The smallest margin whose score reaches the threshold; infinity where none does. The score never falls with the
     * margin, so comparing margins decides as comparing scores does, without an exponential.
     */
    double marginFor(double logitScale, double threshold) {
        double low = -2.5;
        double high = 2.5;
        if (calibration.score(logitScale, low) >= threshold) {
            return Double.NEGATIVE_INFINITY;
        }
        if (calibration.score(logitScale, high) < threshold) {
            return Double.POSITIVE_INFINITY;
        }
        while (true) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) {
                return high;
            }
            if (calibration.score(logitScale, middle) >= threshold) {
                high = middle;
            } else {
                low = middle;
            }
        }
    }
}

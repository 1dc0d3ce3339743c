package dev.moderato.inference.policy;

/**
 * An image that a person judged for one label.
 *
 * @param logit the model's logit scale times the label's margin on that image
 * @param present what the person said
 */
public record Judged(double logit, boolean present) {
    public Judged {
        if (!Double.isFinite(logit)) {
            throw new IllegalArgumentException("logit " + logit);
        }
    }
}

package dev.moderato.inference.policy;

/** What happens to an image, mildest first, so that the natural order is the order of severity. */
public enum Verdict {
    ALLOW,
    REVIEW,
    BLOCK
}

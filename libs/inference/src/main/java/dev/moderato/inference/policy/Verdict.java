package dev.moderato.inference.policy;

import java.util.Locale;

/** What happens to an image, mildest first, so that the natural order is the order of severity. */
public enum Verdict {
    ALLOW,
    REVIEW,
    BLOCK;

    /** The word that policy files use: {@code allow}, {@code review} or {@code block}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

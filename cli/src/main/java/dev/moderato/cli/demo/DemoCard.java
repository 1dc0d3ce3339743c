package dev.moderato.cli.demo;

import dev.moderato.cli.cluster.Outcome;
import dev.moderato.events.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * One example image with what became of it.
 *
 * @param thumbnail a data URI; null where the file is no image
 * @param expected the right verdict; null where none is known
 */
record DemoCard(
        String file, @Nullable String thumbnail, @Nullable Verdict expected, Outcome outcome) {
    /** Whether the verdict is the right one, where one is known. */
    boolean isRight() {
        return outcome instanceof Outcome.Judged judged && judged.result().getVerdict() == expected;
    }

    boolean isKnown() {
        return expected != null && outcome instanceof Outcome.Judged;
    }
}

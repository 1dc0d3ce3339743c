package dev.moderato.cli.cluster;

import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Source;

/** How an image event ended: as exactly one of these. */
public sealed interface Outcome {
    String id();

    /** The image event. */
    Source source();

    /** The image was judged. */
    record Judged(ModerationResult result) implements Outcome {
        @Override
        public String id() {
            return result.getId();
        }

        @Override
        public Source source() {
            return result.getSource();
        }
    }

    /** The image could not be judged. */
    record Failed(ModerationFailure failure) implements Outcome {
        @Override
        public String id() {
            return failure.getId();
        }

        @Override
        public Source source() {
            return failure.getSource();
        }
    }
}

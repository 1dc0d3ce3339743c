package dev.moderato.streams.judge;

import dev.moderato.inference.policy.Decision;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.streams.models.ModelIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of an image event: exactly one of these. */
public sealed interface Outcome {
    /**
     * A verdict.
     *
     * @param frames the embeddings that were judged, at least one
     * @param cached whether the embedding of the same bytes was still at hand
     */
    record Moderated(
            Decision decision,
            List<Embedding> frames,
            ImageFacts image,
            ModelIdentity model,
            String policy,
            String policyVersion,
            boolean cached,
            Timings timings)
            implements Outcome {
        public Moderated {
            frames = List.copyOf(frames);
        }
    }

    /**
     * No verdict, because of what the event or its image is.
     *
     * @param sha256 of the bytes; null where there were none
     * @param size of the bytes; null where unknown
     */
    record Failed(
            FailureReason reason,
            String detail,
            @Nullable String sha256,
            @Nullable Long size) implements Outcome {}
}

package dev.moderato.inference.clip;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.moderato.inference.image.Preprocessing;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model's files cannot say of themselves. With the files' checksums and a recorded probe it is a
 * {@code bundle.json} ({@link BundleWriter}).
 *
 * @param id names the bundle on topics, in results and in folders: letters, digits, dot, dash and underscore, up to 100
 * @param embeddingSize the length of an embedding, 1 to 65536
 * @param logitScale what a cosine is multiplied by before it becomes a probability, positive
 * @param logitBias what is added after that by a model that was trained with a sigmoid; null for a softmax
 * @param trained false for random weights: such a model shows that all parts work, and its verdicts mean nothing
 */
public record BundleManifest(
        String id,
        ImageTower image,
        TextTower text,
        int embeddingSize,
        Preprocessing preprocessing,
        TokenizerSettings tokenizer,
        double logitScale,
        @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Double logitBias,
        boolean trained,
        Provenance provenance) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    public BundleManifest {
        Objects.requireNonNull(id, "id is missing");
        Objects.requireNonNull(image, "image is missing");
        Objects.requireNonNull(text, "text is missing");
        Objects.requireNonNull(preprocessing, "preprocessing is missing");
        Objects.requireNonNull(tokenizer, "tokenizer is missing");
        provenance = provenance == null ? Provenance.UNKNOWN : provenance;
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "id '" + id + "' must be 1 to 100 letters, digits, dots, dashes and underscores");
        }
        if (embeddingSize < 1 || embeddingSize > 65536) {
            throw new IllegalArgumentException("embeddingSize must be 1 to 65536, not " + embeddingSize);
        }
        if (!(logitScale > 0) || Double.isInfinite(logitScale)) {
            throw new IllegalArgumentException("logitScale must be a positive number, not " + logitScale);
        }
        if (logitBias != null && !Double.isFinite(logitBias)) {
            throw new IllegalArgumentException("logitBias must be a number, not " + logitBias);
        }
    }

    /** The same files' manifest after training: another id, the parent that it came from, and what was measured. */
    public BundleManifest descendant(String newId, Provenance newProvenance) {
        return new BundleManifest(
                newId,
                image,
                text,
                embeddingSize,
                preprocessing,
                tokenizer,
                logitScale,
                logitBias,
                trained,
                newProvenance);
    }
}

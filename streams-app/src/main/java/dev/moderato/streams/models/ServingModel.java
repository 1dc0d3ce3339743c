package dev.moderato.streams.models;

import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.PreparedImage;
import dev.moderato.inference.policy.CachedTexts;
import dev.moderato.streams.batch.BatchListener;
import dev.moderato.streams.batch.DynamicBatcher;
import dev.moderato.streams.batch.EncoderSession;
import dev.moderato.streams.batch.FaultListener;
import dev.moderato.streams.batch.FrameResult;
import dev.moderato.streams.batch.ResilientEncoder;
import java.time.Duration;

/**
 * A model in service: how it wants its images, and the one batcher in front of its one session. Whoever uses it holds a
 * reference; the last to let go closes it.
 */
public final class ServingModel {
    /** What a model is made of. */
    public record Parts(
            ModelIdentity identity,
            String preprocessingId,
            int cropBytes,
            ImagePreprocessor preprocessor,
            EncoderSession session,
            TextEncoder texts,
            TokenCounter tokens,
            double logitScale) {}

    /** Enough for some hundred policies; at 512 dimensions 16 MB. */
    private static final int CACHED_TEXTS = 8192;

    private final Parts parts;
    private final CachedTexts texts;
    private final DynamicBatcher<byte[], FrameResult> batcher;
    private int references = 1;

    /** Starts a model; the caller holds the first reference. */
    public ServingModel(Parts parts, int maxBatch, Duration linger, BatchListener batches, FaultListener faults) {
        this.parts = parts;
        this.texts = new CachedTexts(parts.texts(), CACHED_TEXTS);
        this.batcher = new DynamicBatcher<>(
                "encoder-" + parts.identity().id(),
                new ResilientEncoder(parts.session(), parts.cropBytes(), maxBatch, faults),
                linger.toNanos(),
                batches);
    }

    public ModelIdentity identity() {
        return parts.identity();
    }

    /** Tells two ways of preparing the same image apart. */
    public String preprocessingId() {
        return parts.preprocessingId();
    }

    public PreparedImage prepare(byte[] file) throws ImageRejected {
        return parts.preprocessor().preprocess(file);
    }

    public DynamicBatcher<byte[], FrameResult> batcher() {
        return batcher;
    }

    /** Encodes a text once, however many policies and versions hold it. */
    public TextEncoder texts() {
        return texts;
    }

    public TokenCounter tokens() {
        return parts.tokens();
    }

    public double logitScale() {
        return parts.logitScale();
    }

    /** Takes a reference; false where the model is closed already. */
    synchronized boolean retain() {
        if (references == 0) {
            return false;
        }
        references++;
        return true;
    }

    /** Lets go of a reference. The last one ends the batcher and closes the session, on a thread of its own. */
    void release() {
        synchronized (this) {
            if (--references > 0) {
                return;
            }
        }
        Thread closing = new Thread(
                () -> {
                    batcher.close();
                    parts.session().close();
                },
                "close-" + parts.identity().id());
        closing.start();
    }
}

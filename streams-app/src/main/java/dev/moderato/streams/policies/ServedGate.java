package dev.moderato.streams.policies;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.moderato.content.ContentVerifier;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.streams.batch.FrameResult;
import dev.moderato.streams.models.ServingModel;
import dev.moderato.streams.models.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures prompts by the model in service, and runs a policy's own tests on it, in its batches beside the stream. */
public final class ServedGate implements PolicyGate {
    private static final Logger log = LoggerFactory.getLogger(ServedGate.class);

    /** Of images that tests name: an edit that leaves them alone waits for no run of the encoder. */
    private static final int REMEMBERED = 1000;

    private final Snapshots snapshots;
    private final boolean tests;
    private final Cache<Encoded, List<Embedding>> encoded =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    /** What makes an embedding the same again. */
    private record Encoded(String sha256, String preprocessing, String model) {}

    /** @param tests whether the policy's own tests must pass */
    public ServedGate(Snapshots snapshots, boolean tests) {
        this.snapshots = snapshots;
        this.tests = tests;
    }

    @Override
    public boolean isReady() {
        return snapshots.peek() != null;
    }

    @Override
    public @Nullable String whyNot(ParsedPolicy valid, Path folder) {
        Policy policy = valid.orElseThrow();
        try (Snapshots.Pin pin = snapshots.pin()) {
            ServingModel model = pin.snapshot().model();
            String errors = PolicyGate.errors(valid, model.tokens());
            if (errors != null || !tests || policy.tests().isEmpty()) {
                return errors;
            }
            if (!model.identity().trained()) {
                log.warn("the tests of policy {} are not run: the encoder is untrained", policy.name());
                return null;
            }
            PolicyScorer scorer =
                    PolicyScorer.compile(policy, model.texts(), model.identity().id(), model.logitScale());
            return PolicyGate.failures(PolicyTests.run(scorer, image -> embed(folder.resolve(image), model)));
        }
    }

    private List<Embedding> embed(Path image, ServingModel model) throws IOException {
        List<Embedding> frames = new ArrayList<>();
        try {
            byte[] file = Files.readAllBytes(image);
            Encoded key = new Encoded(
                    ContentVerifier.sha256(file),
                    model.preprocessingId(),
                    model.identity().sha256());
            List<Embedding> known = encoded.getIfPresent(key);
            if (known != null) {
                return known;
            }
            List<byte[]> crops = model.prepare(file).frames();
            for (FrameResult result :
                    model.batcher().announce().submit(crops).join().results()) {
                if (!(result instanceof FrameResult.Encoded run)) {
                    throw new IOException("the encoder fails on it");
                }
                frames.add(run.embedding());
            }
            encoded.put(key, List.copyOf(frames));
        } catch (NoSuchFileException e) {
            throw new IOException("no such file: " + image, e);
        } catch (ImageRejected e) {
            throw new IOException(e.detail(), e);
        } catch (CompletionException e) {
            throw new IOException("the encoder fails: " + e.getCause(), e);
        }
        return frames;
    }
}

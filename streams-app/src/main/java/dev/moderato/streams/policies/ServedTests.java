package dev.moderato.streams.policies;

import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.Embedding;
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

/** Runs a policy's own tests on the model in service, in its batches beside the stream. */
public final class ServedTests implements PolicyGate {
    private static final Logger log = LoggerFactory.getLogger(ServedTests.class);

    private final Snapshots snapshots;

    public ServedTests(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    @Override
    public boolean isReady() {
        return snapshots.peek() != null;
    }

    @Override
    public @Nullable String whyNot(Policy policy, Path folder) {
        if (policy.tests().isEmpty()) {
            return null;
        }
        try (Snapshots.Pin pin = snapshots.pin()) {
            ServingModel model = pin.snapshot().model();
            if (!model.identity().trained()) {
                log.warn("the tests of policy {} are not run: the encoder is untrained", policy.name());
                return null;
            }
            PolicyScorer scorer =
                    PolicyScorer.compile(policy, model.texts(), model.identity().id(), model.logitScale());
            return PolicyGate.failures(PolicyTests.run(scorer, image -> embed(folder.resolve(image), model)));
        }
    }

    private static List<Embedding> embed(Path image, ServingModel model) throws IOException {
        List<Embedding> frames = new ArrayList<>();
        try {
            List<byte[]> crops = model.prepare(Files.readAllBytes(image)).frames();
            for (FrameResult result :
                    model.batcher().announce().submit(crops).join().results()) {
                if (!(result instanceof FrameResult.Encoded encoded)) {
                    throw new IOException("the encoder fails on it");
                }
                frames.add(encoded.embedding());
            }
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

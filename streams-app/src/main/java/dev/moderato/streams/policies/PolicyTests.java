package dev.moderato.streams.policies;

import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.Decision;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.LabelScore;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.PolicyTest;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.streams.batch.FrameResult;
import dev.moderato.streams.models.ServingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/** Runs a policy's own tests on the model in service, in its batches beside the stream. */
final class PolicyTests {
    private final Policy policy;
    private final Path folder;
    private final ServingModel model;

    /**
     * @param folder what the tests' images are relative to
     */
    PolicyTests(Policy policy, Path folder, ServingModel model) {
        this.policy = policy;
        this.folder = folder;
        this.model = model;
    }

    /** What failed, one line each; empty where all passed. */
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        if (policy.tests().isEmpty()) {
            return failures;
        }
        PolicyScorer scorer =
                PolicyScorer.compile(policy, model.texts(), model.identity().id(), model.logitScale());
        for (PolicyTest test : policy.tests()) {
            try {
                compare(test, scorer.score(test.surface(), embed(test.image())), failures);
            } catch (IOException e) {
                failures.add(test.image() + ": cannot be read");
            } catch (ImageRejected e) {
                failures.add(test.image() + ": " + e.detail());
            } catch (UnknownSurfaceException e) {
                failures.add(test.image() + ": " + e.getMessage());
            }
        }
        return failures;
    }

    private List<Embedding> embed(String image) throws IOException, ImageRejected {
        List<byte[]> crops =
                model.prepare(Files.readAllBytes(folder.resolve(image))).frames();
        List<Embedding> frames = new ArrayList<>();
        try {
            for (FrameResult result :
                    model.batcher().announce().submit(crops).join().results()) {
                if (result instanceof FrameResult.Encoded encoded) {
                    frames.add(encoded.embedding());
                } else {
                    throw new IOException("the encoder fails on it");
                }
            }
        } catch (CompletionException e) {
            throw new IOException("the encoder fails: " + e.getCause(), e);
        }
        return frames;
    }

    private void compare(PolicyTest test, Decision decision, List<String> failures) {
        if (test.verdict() != null && test.verdict() != decision.verdict()) {
            failures.add(test.image() + ": expected " + test.verdict() + ", got " + decision.verdict());
        }
        Map<String, Verdict> outcomes = outcomes(decision);
        new TreeMap<>(test.labels()).forEach((label, expected) -> {
            Verdict got = outcomes.getOrDefault(label, Verdict.ALLOW);
            if (got != expected) {
                failures.add(test.image() + ": " + label + " expected " + expected + ", got " + got
                        + decision.labels().stream()
                                .filter(score -> score.label().equals(label))
                                .map(score -> String.format(" (score %.3f)", score.score()))
                                .findFirst()
                                .orElse(""));
            }
        });
    }

    /** By label and group: a group's outcome is the most severe of its live labels'. */
    private static Map<String, Verdict> outcomes(Decision decision) {
        Map<String, Verdict> outcomes = new TreeMap<>();
        for (LabelScore score : decision.labels()) {
            if (score.group()) {
                continue;
            }
            outcomes.merge(score.label(), score.outcome(), PolicyTests::worse);
            for (int dot = score.label().indexOf('.');
                    dot >= 0 && !score.shadow();
                    dot = score.label().indexOf('.', dot + 1)) {
                outcomes.merge(score.label().substring(0, dot), score.outcome(), PolicyTests::worse);
            }
        }
        return outcomes;
    }

    private static Verdict worse(Verdict a, Verdict b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}

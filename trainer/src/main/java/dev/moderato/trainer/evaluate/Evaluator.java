package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.trainer.dataset.DataSet;
import dev.moderato.trainer.dataset.Item;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.dataset.Split;
import dev.moderato.trainer.pairs.BundleTowers;
import dev.moderato.trainer.pairs.Pair;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Measures a candidate against the model that serves. */
public final class Evaluator {
    private static final int PARITY_IMAGES = 16;

    private final Policy policy;
    private final Path policyFolder;
    private final Journal journal;
    private final DataSet set;
    private final ClipModel before;
    private final ClipModel after;
    private final Judge judgeBefore;
    private final Judge judgeAfter;

    /**
     * Prepares to measure.
     *
     * @param policyFolder what the images of the policy's tests are relative to
     */
    public Evaluator(
            Policy policy, Path policyFolder, Journal journal, DataSet set, ClipModel before, ClipModel after) {
        this.policy = policy;
        this.policyFolder = policyFolder;
        this.journal = journal;
        this.set = set;
        this.before = before;
        this.after = after;
        this.judgeBefore = new Judge(before, policy);
        // The candidate is judged with the calibration that it takes over.
        this.judgeAfter = new Judge(
                after,
                policy.calibrated(
                        after.bundle().id(),
                        Recalibration.missing(
                                policy, before.bundle().id(), after.bundle().id())));
    }

    /** @param retention images whose class is their caption; empty takes what the serving model says of unflagged ones */
    public Evaluation evaluate(List<Pair> retention, List<Double> losses) throws IOException {
        List<AveragePrecision.Scored> scored = heldOut();
        Map<String, AveragePrecision.Gain> byLabel = new TreeMap<>();
        scored.stream()
                .collect(Collectors.groupingBy(AveragePrecision.Scored::label))
                .forEach((label, images) -> byLabel.put(label, AveragePrecision.gain(images)));
        return new Evaluation(
                after.bundle().id(),
                before.bundle().id(),
                set.version(),
                scored,
                scored.isEmpty() ? new AveragePrecision.Gain(0, 0, 0, 0) : AveragePrecision.gain(scored),
                byLabel,
                retention.isEmpty()
                        ? unflagged(before, policy, journal, set, Split.TEST).of(judgeAfter, after.texts())
                        : accuracy(retention),
                failedTests(),
                parity(),
                losses);
    }

    /** Each flagged label on its held-out flags, and on the held-out images that nobody flagged: those do not have it. */
    private List<AveragePrecision.Scored> heldOut() throws IOException {
        List<AveragePrecision.Scored> scored = new ArrayList<>();
        TreeSet<String> labels = new TreeSet<>();
        for (Item item : set.items(Split.TEST, true)) {
            String label = String.valueOf(item.label());
            labels.add(label);
            scored.add(score(item, label, item.present()));
        }
        for (Item item : set.items(Split.TEST, false)) {
            for (String label : labels) {
                scored.add(score(item, label, false));
            }
        }
        return scored;
    }

    private AveragePrecision.Scored score(Item item, String label, boolean present) throws IOException {
        Path image = journal.image(item.sha256());
        return new AveragePrecision.Scored(
                item.id(),
                label,
                present,
                judgeBefore.score(image, label).score(),
                judgeAfter.score(image, label).score());
    }

    private Evaluation.Retention accuracy(List<Pair> pairs) throws IOException {
        List<String> classes =
                pairs.stream().map(Pair::caption).distinct().sorted().toList();
        ClassVectors vectorsBefore = classes(before, classes);
        ClassVectors vectorsAfter = classes(after, classes);
        int rightBefore = 0;
        int rightAfter = 0;
        for (Pair pair : pairs) {
            int truth = classes.indexOf(pair.caption());
            rightBefore += vectorsBefore.nearest(judgeBefore.embed(pair.image())) == truth ? 1 : 0;
            rightAfter += vectorsAfter.nearest(judgeAfter.embed(pair.image())) == truth ? 1 : 0;
        }
        double n = pairs.size();
        return new Evaluation.Retention("the retention file's classes", pairs.size(), rightBefore / n, rightAfter / n);
    }

    /** What the serving model believes of the unflagged images of a split. */
    static Beliefs unflagged(ClipModel serving, Policy policy, Journal journal, DataSet set, Split split)
            throws IOException {
        Set<String> flagged = set.items().stream()
                .filter(Item::flagged)
                .map(item -> String.valueOf(item.label()))
                .collect(Collectors.toSet());
        List<Path> images = set.items(split, false).stream()
                .map(item -> journal.image(item.sha256()))
                .toList();
        return new Beliefs(serving, policy, flagged, images);
    }

    private ClassVectors classes(ClipModel model, List<String> names) {
        return ClassVectors.of(
                model.texts(), policy.templates(), names.stream().map(List::of).toList());
    }

    /** Every text of a policy that an image can be near to. */
    public static List<String> allTexts(Policy policy) {
        TreeSet<String> texts = new TreeSet<>(policy.neutral());
        policy.labels().forEach(label -> {
            texts.addAll(label.prompts());
            texts.addAll(label.negatives());
        });
        return List.copyOf(texts);
    }

    private List<String> failedTests() {
        return failures(judgeAfter, policyFolder);
    }

    static List<String> failures(Judge judge, Path policyFolder) {
        return judge.test(policyFolder).stream()
                .filter(result -> !result.passed())
                .map(Evaluator::failure)
                .toList();
    }

    private static String failure(PolicyTests.Result result) {
        @Nullable String problem = result.problem();
        return result.test().image() + ": "
                + (problem != null
                        ? problem
                        : result.misses().stream()
                                .map(miss -> miss.of() + " expected " + miss.expected() + ", got " + miss.actual())
                                .collect(Collectors.joining(", ")));
    }

    private double parity() throws IOException {
        List<byte[]> crops = new ArrayList<>();
        for (Item item : set.items()) {
            if (crops.size() < PARITY_IMAGES) {
                crops.add(judgeAfter.crop(journal.image(item.sha256())));
            }
        }
        List<String> texts = allTexts(policy);
        long[][] tokens = TrainedTowers.tokens(after.tokenizer(), texts);
        try (ContrastiveTrainer trainer =
                BundleTowers.open(after.bundle(), RecipeParser.parse("", "defaults"), TorchDevice.CPU, 0, 1)) {
            double texted = difference(after.texts().encode(texts), trainer.embedTexts(tokens));
            return crops.isEmpty()
                    ? texted
                    : Math.max(
                            texted,
                            difference(
                                    after.images().encode(crops),
                                    trainer.embedImages(new Batch.Crops(
                                            crops,
                                            after.preprocessing().height(),
                                            after.preprocessing().width()))));
        } catch (RecipeException e) {
            throw new IllegalStateException("an empty recipe is valid", e);
        }
    }

    private static double difference(float[][] units, float[][] raw) {
        double largest = 0;
        for (int i = 0; i < units.length; i++) {
            double length = 0;
            for (float component : raw[i]) {
                length += (double) component * component;
            }
            length = Math.sqrt(length);
            for (int k = 0; k < units[i].length; k++) {
                largest = Math.max(largest, Math.abs(units[i][k] - raw[i][k] / length));
            }
        }
        return largest;
    }
}

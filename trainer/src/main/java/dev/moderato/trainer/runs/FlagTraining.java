package dev.moderato.trainer.runs;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.policy.Policy;
import dev.moderato.trainer.dataset.DataSet;
import dev.moderato.trainer.dataset.DataSetBuilder;
import dev.moderato.trainer.dataset.Item;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.dataset.Split;
import dev.moderato.trainer.evaluate.Captioner;
import dev.moderato.trainer.evaluate.Evaluation;
import dev.moderato.trainer.evaluate.Evaluator;
import dev.moderato.trainer.evaluate.Keeping;
import dev.moderato.trainer.evaluate.Report;
import dev.moderato.trainer.pairs.Pair;
import dev.moderato.trainer.pairs.PairFile;
import dev.moderato.trainer.pairs.PairTraining;
import dev.moderato.trainer.pairs.PairsException;
import dev.moderato.trainer.pairs.Workplace;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run: data set → training → evaluation → gate → bundle. The report is kept whatever the outcome; the bundle's folder appears
 * only where the gate was passed. The same journal, bundle and recipe give the same candidate, so that a killed run is run again.
 */
public final class FlagTraining {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Request request;

    /**
     * What is asked for.
     *
     * @param data folder with the journal; {@code sets/}, {@code drafts/} and {@code runs/} are written beside it
     * @param bundle the bundle that serves
     * @param policyFolder what the images of the policy's tests are relative to
     * @param retention images whose caption is their class; null judges by what the serving bundle says of unflagged images
     * @param models folder in which the candidate appears as {@code ID/}
     * @param threads of libtorch; 0 leaves it one a core
     */
    public record Request(
            Path data,
            Path bundle,
            Policy policy,
            Path policyFolder,
            @Nullable Path retention,
            Recipe recipe,
            String recipeText,
            Path models,
            TorchDevice device,
            int threads) {}

    /**
     * What came of a run.
     *
     * @param candidate the new bundle; null where the gate was not passed
     * @param report the report's folder
     */
    public record Outcome(@Nullable ModelBundle candidate, Evaluation evaluation, Path report) {}

    private FlagTraining(Request request) {
        this.request = request;
    }

    /**
     * Runs to the end.
     *
     * @throws PairsException where the data set is too small to learn from or to judge by
     * @throws BundleException where the serving bundle cannot be read, or the candidate cannot be run
     */
    public static Outcome run(Request request, TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
        return new FlagTraining(request).run(listener);
    }

    private Outcome run(TrainingLoop.Listener listener) throws PairsException, BundleException, IOException {
        ModelBundle parent = ModelBundle.read(request.bundle());
        Journal journal = Journal.in(request.data());
        ImagePreprocessor preprocessor =
                ImagePreprocessor.create(parent.preprocessing(), ImageLimits.defaults(), DecodeOptions.defaults());
        DataSet set = new DataSetBuilder(journal, request.policy(), parent.preprocessing(), preprocessor).build();
        requireEnough(set);
        Path folder = set.write(request.data().resolve("sets"));
        EncoderSettings cpu = EncoderSettings.defaults().withDevice(Device.CPU);
        try (ClipModel before = ClipModel.open(parent, cpu)) {
            Path pairs = folder.resolve("pairs-" + set.version() + ".jsonl");
            writePairs(pairs, journal, set, new Captioner(before, request.policy()));
            return train(parent, before, journal, set, pairs, listener, cpu);
        }
    }

    private Outcome train(
            ModelBundle parent,
            ClipModel before,
            Journal journal,
            DataSet set,
            Path pairs,
            TrainingLoop.Listener listener,
            EncoderSettings cpu)
            throws PairsException, BundleException, IOException {
        Path draft = draft(parent, set);
        Losses losses = new Losses(listener, new ArrayList<>());
        ModelBundle trained = PairTraining.run(
                        new PairTraining.Request(
                                pairs,
                                request.bundle(),
                                request.recipe(),
                                request.recipeText(),
                                draft,
                                request.device(),
                                request.threads(),
                                false),
                        losses,
                        new Keeping(before, request.policy(), request.policyFolder(), journal, set))
                .bundle();
        List<Pair> retention = request.retention() == null ? List.of() : PairFile.read(request.retention());
        Evaluation evaluation;
        try (ClipModel after = ClipModel.open(trained, cpu)) {
            evaluation = new Evaluator(request.policy(), request.policyFolder(), journal, set, before, after)
                    .evaluate(retention, losses.seen());
        }
        Path report = runs(request.data()).resolve(trained.id());
        Report.write(report, evaluation, pictures(journal, set));
        if (!evaluation.passed()) {
            Workplace.delete(draft);
            return new Outcome(null, evaluation, report);
        }
        return new Outcome(NewCandidate.place(trained, parent, set, evaluation, request.models()), evaluation, report);
    }

    /** Where reports lie in a data folder, a folder each. */
    static Path runs(Path data) {
        return data.resolve("runs");
    }

    /** The set's images, but for those that were erased while the run went on. */
    private static Report.Pictures pictures(Journal journal, DataSet set) throws IOException {
        Set<String> erased = journal.erased();
        Map<String, String> files = new HashMap<>();
        set.items().forEach(item -> files.put(item.id(), item.sha256()));
        return id -> {
            Path file = erased.contains(id) ? null : journal.image(String.valueOf(files.get(id)));
            return file != null && Files.exists(file) ? Files.readAllBytes(file) : null;
        };
    }

    /** Where the bundle is written: another place for another run, so that only its own checkpoint is gone on from. */
    private Path draft(ModelBundle parent, DataSet set) throws IOException {
        String run = Workplace.fingerprint(
                        set.version().getBytes(StandardCharsets.UTF_8),
                        parent.sha256().getBytes(StandardCharsets.UTF_8),
                        request.recipe().toString().getBytes(StandardCharsets.UTF_8))
                .substring(0, 16);
        Path drafts = Files.createDirectories(request.data().resolve("drafts"));
        Path draft = drafts.resolve(run);
        try (Stream<Path> others = Files.list(drafts)) {
            for (Path other : others.toList()) {
                if (!other.getFileName().equals(Workplace.of(draft).getFileName())) {
                    Workplace.delete(other);
                }
            }
        }
        return draft;
    }

    private static void requireEnough(DataSet set) throws PairsException {
        int learned = set.items(Split.TRAIN, true).size();
        int judged = set.items(Split.TEST, true).size();
        if (learned == 0 || judged == 0) {
            throw new PairsException(
                    "of " + set.items().stream().filter(Item::flagged).count()
                            + " flagged images, " + learned + " are to learn from and " + judged
                            + " to judge by; wait for more flags"
                            + (set.dropped().isEmpty() ? "" : " (left out: " + set.dropped() + ")"));
        }
    }

    private static void writePairs(Path file, Journal journal, DataSet set, Captioner captioner) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Item item : set.items()) {
            if (item.split() == Split.TRAIN) {
                Path image = journal.image(item.sha256()).toAbsolutePath();
                String caption = item.caption();
                Captioner.Name name = caption != null && item.label() != null
                        ? new Captioner.Name(caption, item.label())
                        : captioner.name(image, item.sha256(), item.label());
                lines.append(JSON.writeValueAsString(
                                new Line(image.toString(), name.caption(), name.group(), !item.flagged())))
                        .append('\n');
            }
        }
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(draft, lines);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A line of the file of pairs: nobody flagged what is to be kept. */
    private record Line(String image, String caption, String group, boolean keep) {}

    /** Keeps the losses for the report. */
    private record Losses(TrainingLoop.Listener listener, List<Double> seen) implements TrainingLoop.Listener {
        @Override
        public void started(long step, long steps) {
            listener.started(step, steps);
        }

        @Override
        public void step(StepReport report) {
            seen.add(report.loss());
            listener.step(report);
        }
    }
}

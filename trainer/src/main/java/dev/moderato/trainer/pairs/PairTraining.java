package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipTokenizer;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.Recipe.Interpolation;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.Tower;
import dev.moderato.trainer.train.TrainerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a bundle on a file of pairs and writes a new bundle. The new bundle's folder appears complete or not at all; a run that was
 * killed goes on from its last checkpoint when it is started again with the same inputs.
 */
public final class PairTraining {
    private static final Logger LOG = LoggerFactory.getLogger(PairTraining.class);

    /** Pairs that are contrasted at once when validation is measured. */
    private static final int VALIDATION_BATCH = 256;

    private final Request request;
    private final ModelBundle bundle;
    private final Recipe recipe;

    /**
     * What is asked for.
     *
     * @param pairs the CSV or JSON-lines file
     * @param bundle the bundle's folder
     * @param recipeText the recipe's file as it is, kept in the new bundle
     * @param out the new bundle's folder, which must not exist or be empty
     * @param skipBroken leave out rows whose image cannot be decoded
     * @param threads of libtorch; 0 leaves it one a core
     */
    public record Request(
            Path pairs,
            Path bundle,
            Recipe recipe,
            String recipeText,
            Path out,
            TorchDevice device,
            int threads,
            boolean skipBroken) {}

    /** Hears of the run as it goes. */
    public interface Listener {
        /** The run is about to do its first step, or the one it goes on with. */
        void started(long step, long steps, int pairs);

        /** A step is done. */
        void step(StepReport report);
    }

    /**
     * What came of a run.
     *
     * @param bundle the new bundle
     * @param metrics what was measured, as in its bundle.json
     */
    public record Outcome(ModelBundle bundle, Map<String, Double> metrics) {}

    private PairTraining(Request request, ModelBundle bundle) {
        this.request = request;
        this.bundle = bundle;
        this.recipe = request.recipe();
    }

    /**
     * Runs to the end.
     *
     * @throws PairsException where the pairs cannot be used, the output folder is in use, or the gate was not passed
     * @throws BundleException where the bundle is not valid, or the new one cannot be run
     */
    public static Outcome run(Request request, Listener listener) throws PairsException, BundleException, IOException {
        if (Files.exists(request.out())) {
            try (var files = Files.list(request.out())) {
                if (files.findAny().isPresent()) {
                    throw new PairsException(request.out() + ": is not empty; name another folder with --out");
                }
            }
        }
        if (request.recipe().gate() && request.recipe().validation() == 0) {
            throw new PairsException("the recipe's gate needs held-out pairs: write validation: 0.1");
        }
        List<Pair> pairs = PairFile.read(request.pairs());
        return new PairTraining(request, ModelBundle.read(request.bundle())).run(pairs, listener);
    }

    private Outcome run(List<Pair> pairs, Listener listener) throws PairsException, BundleException, IOException {
        try (ClipTokenizer tokenizer = ClipTokenizer.open(
                        bundle.folder().resolve(bundle.manifest().tokenizer().file()),
                        bundle.manifest().tokenizer());
                PreparedPairs prepared = PreparedPairs.prepare(
                        request.pairs(), pairs, bundle.preprocessing(), tokenizer, request.skipBroken())) {
            List<Integer> training = prepared.share(recipe.validation(), false);
            List<Integer> held = prepared.share(recipe.validation(), true);
            if (training.isEmpty() || (recipe.validation() > 0 && held.size() < 2)) {
                throw new PairsException(request.pairs() + ": of " + prepared.size() + " rows, validation: "
                        + recipe.validation() + " leaves " + training.size() + " to train on and " + held.size()
                        + " to validate on; that is too few");
            }
            Order order = new Order(training, recipe.batchSize(), recipe.shuffle(), recipe.seed());
            long perEpoch = (order.batchesPerEpoch() + recipe.accumulate() - 1) / recipe.accumulate();
            long steps = recipe.length().steps(perEpoch);
            try (ContrastiveTrainer trainer =
                    ContrastiveTrainer.open(imageTower(), textTower(), recipe, options(), steps)) {
                return train(trainer, prepared, order, held, steps, listener);
            }
        }
    }

    private Outcome train(
            ContrastiveTrainer trainer,
            PreparedPairs prepared,
            Order order,
            List<Integer> held,
            long steps,
            Listener listener)
            throws PairsException, BundleException, IOException {
        Map<String, Double> metrics = new TreeMap<>();
        if (!held.isEmpty()) {
            metrics.put("validationLossBefore", validate(trainer, prepared, held));
        }
        Path work = Workplace.of(request.out());
        Path checkpoint = work.resolve("checkpoint");
        String run = Workplace.fingerprint(request, bundle);
        if (Files.exists(checkpoint)) {
            trainer.resume(checkpoint, run);
            LOG.info("going on from step {} of {}", trainer.step(), steps);
        }
        listener.started(trainer.step(), steps, prepared.size());
        long saved = System.nanoTime();
        while (trainer.step() < steps) {
            StepReport report = trainer.step(batches(prepared, order, trainer.step()));
            metrics.putIfAbsent("lossFirst", report.loss());
            metrics.put("lossLast", report.loss());
            listener.step(report);
            if (System.nanoTime() - saved
                    > recipe.checkpointMinutes() * Duration.ofMinutes(1).toNanos()) {
                Files.createDirectories(work);
                trainer.checkpoint(checkpoint, run);
                saved = System.nanoTime();
            }
        }
        trainer.finish();
        interpolate(trainer, prepared, held, metrics);
        metrics.put("steps", (double) steps);
        metrics.put("pairs", (double) prepared.size());
        judge(trainer, prepared, held, metrics);
        Outcome outcome = new Outcome(NewBundle.write(bundle, request, trainer, metrics), Map.copyOf(metrics));
        Workplace.delete(work);
        return outcome;
    }

    private List<Batch> batches(PreparedPairs prepared, Order order, long step) throws IOException {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < recipe.accumulate(); i++) {
            batches.add(prepared.batch(order.batch(step * recipe.accumulate() + i)));
        }
        return batches;
    }

    private void interpolate(
            ContrastiveTrainer trainer, PreparedPairs prepared, List<Integer> held, Map<String, Double> metrics)
            throws IOException {
        Interpolation interpolation = recipe.interpolation();
        if (interpolation.mode() == Interpolation.Mode.OFF) {
            return;
        }
        double chosen = interpolation.weight();
        if (interpolation.mode() == Interpolation.Mode.AUTO) {
            double best = Double.POSITIVE_INFINITY;
            for (int tenth = 0; tenth <= 10; tenth++) {
                trainer.interpolate(tenth / 10.0);
                double loss = validate(trainer, prepared, held);
                if (loss < best) {
                    best = loss;
                    chosen = tenth / 10.0;
                }
            }
        }
        trainer.interpolate(chosen);
        metrics.put("interpolation", chosen);
    }

    private void judge(
            ContrastiveTrainer trainer, PreparedPairs prepared, List<Integer> held, Map<String, Double> metrics)
            throws PairsException, IOException {
        if (held.isEmpty()) {
            return;
        }
        double after = validate(trainer, prepared, held);
        double before = Objects.requireNonNull(metrics.get("validationLossBefore"));
        metrics.put("validationLossAfter", after);
        if (recipe.gate() && !(after < before)) {
            throw new PairsException("the gate was not passed: the loss on " + held.size() + " held-out pairs was "
                    + before + " before and is " + after + " after; no bundle was written");
        }
    }

    /** The mean loss over held-out pairs, in the file's order. */
    private static double validate(ContrastiveTrainer trainer, PreparedPairs prepared, List<Integer> held)
            throws IOException {
        double sum = 0;
        for (int from = 0; from < held.size(); from += VALIDATION_BATCH) {
            List<Integer> part = held.subList(from, Math.min(from + VALIDATION_BATCH, held.size()));
            sum += trainer.evaluate(prepared.batch(part)) * part.size();
        }
        return sum / held.size();
    }

    private Tower imageTower() throws IOException {
        Path file = bundle.folder().resolve(bundle.manifest().image().model());
        return new Tower(
                OnnxFile.read(file), file.toString(), bundle.manifest().image().output());
    }

    private Tower textTower() throws IOException {
        Path file = bundle.folder().resolve(bundle.manifest().text().model());
        return new Tower(
                OnnxFile.read(file), file.toString(), bundle.manifest().text().output());
    }

    private TrainerOptions options() {
        Preprocessing preprocessing = bundle.preprocessing();
        Double bias = bundle.logitBias();
        return new TrainerOptions(
                request.device(),
                request.threads(),
                preprocessing.rescale(),
                preprocessing.mean(),
                preprocessing.std(),
                bundle.manifest().tokenizer().padding(),
                bundle.logitScale(),
                bias == null ? -10 : bias);
    }
}

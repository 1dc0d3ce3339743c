package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipTokenizer;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.Recipe.Interpolation;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Trains a bundle on a file of pairs and writes a new bundle. The new bundle's folder appears complete or not at all; a run that was
 * killed goes on from its last checkpoint when it is started again with the same inputs.
 */
public final class PairTraining {
    /** Pairs that are contrasted at once when validation is measured. */
    private static final int VALIDATION_BATCH = 256;

    private final Request request;
    private final ModelBundle bundle;
    private final Recipe recipe;
    private final @Nullable Acceptance acceptance;

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

    /**
     * What came of a run.
     *
     * @param bundle the new bundle
     * @param metrics what was measured, as in its bundle.json
     */
    public record Outcome(ModelBundle bundle, Map<String, Double> metrics) {}

    /** Says whether the weights as a trainer has them will do. */
    @FunctionalInterface
    public interface Acceptance {
        boolean accepts(ContrastiveTrainer trainer) throws IOException;
    }

    private PairTraining(Request request, ModelBundle bundle, @Nullable Acceptance acceptance) {
        this.request = request;
        this.acceptance = acceptance;
        this.bundle = bundle;
        this.recipe = request.recipe();
    }

    /**
     * Runs to the end.
     *
     * @throws PairsException where the pairs cannot be used, the output folder is in use, or the gate was not passed
     * @throws BundleException where the bundle is not valid, or the new one cannot be run
     */
    public static Outcome run(Request request, TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
        return run(request, listener, null);
    }

    /**
     * Runs to the end.
     *
     * @param acceptance what the recipe's {@code interpolation: keep} asks
     * @throws PairsException as the other
     */
    public static Outcome run(Request request, TrainingLoop.Listener listener, @Nullable Acceptance acceptance)
            throws PairsException, BundleException, IOException {
        if (request.recipe().interpolation().mode() == Interpolation.Mode.KEEP && acceptance == null) {
            throw new PairsException(
                    "the recipe's interpolation: keep is for runs on flags (train --follow), which know"
                            + " what is to be kept; write auto, or a number");
        }
        Workplace.requireFree(request.out());
        if (request.recipe().gate() && request.recipe().validation() == 0) {
            throw new PairsException("the recipe's gate needs held-out pairs: write validation: 0.1");
        }
        List<Pair> pairs = PairFile.read(request.pairs());
        return new PairTraining(request, ModelBundle.read(request.bundle()), acceptance).run(pairs, listener);
    }

    private Outcome run(List<Pair> pairs, TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
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
                    BundleTowers.open(bundle, recipe, request.device(), request.threads(), steps)) {
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
            TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
        Map<String, Double> metrics = new TreeMap<>();
        if (!held.isEmpty()) {
            metrics.put("validationLossBefore", validate(trainer, prepared, held));
        }
        if (recipe.anchor() > 0) {
            prepared.anchor(trainer);
        }
        Path work = Workplace.of(request.out());
        TrainingLoop loop = new TrainingLoop(
                work.resolve("checkpoint"), Workplace.fingerprint(request, bundle), recipe.checkpointInterval());
        loop.run(trainer, steps, step -> batches(prepared, order, step), new Metering(metrics, listener));
        trainer.finish();
        interpolate(trainer, prepared, held, metrics);
        metrics.put("steps", (double) steps);
        metrics.put("pairs", (double) prepared.size());
        judge(trainer, prepared, held, metrics);
        Outcome outcome = new Outcome(NewBundle.write(bundle, request, trainer, metrics), Map.copyOf(metrics));
        Workplace.delete(work);
        return outcome;
    }

    /** Notes the loss of the first and of the last step. */
    private record Metering(Map<String, Double> metrics, TrainingLoop.Listener listener)
            implements TrainingLoop.Listener {
        @Override
        public void started(long step, long steps) {
            listener.started(step, steps);
        }

        @Override
        public void step(StepReport report) {
            metrics.putIfAbsent("lossFirst", report.loss());
            metrics.put("lossLast", report.loss());
            listener.step(report);
        }
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
        if (acceptance != null && interpolation.mode() == Interpolation.Mode.KEEP) {
            chosen = largestAccepted(trainer, acceptance);
        }
        trainer.interpolate(chosen);
        metrics.put("interpolation", chosen);
    }

    /** The largest weight that is accepted; the smallest where none is, for the gate to say why not. */
    private static double largestAccepted(ContrastiveTrainer trainer, Acceptance acceptance) throws IOException {
        for (int tenth = 10; tenth > 1; tenth--) {
            trainer.interpolate(tenth / 10.0);
            if (acceptance.accepts(trainer)) {
                return tenth / 10.0;
            }
        }
        return 0.1;
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
}

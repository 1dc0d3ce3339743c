package dev.moderato.trainer.scratch;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.pictograms.Samples;
import dev.moderato.pictograms.Scenes;
import dev.moderato.trainer.pairs.Pair;
import dev.moderato.trainer.pairs.PairFile;
import dev.moderato.trainer.pairs.PairTraining;
import dev.moderato.trainer.pairs.PairsException;
import dev.moderato.trainer.pairs.Workplace;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.Tower;
import dev.moderato.trainer.train.TrainerOptions;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Trains a bundle from random weights: on a file of pairs, or on pictograms that are drawn as they are needed. The bundle's folder
 * appears complete or not at all; a killed run goes on from its checkpoint.
 */
public final class ScratchTraining {
    private final Request request;
    private final Recipe recipe;

    /**
     * What is asked for.
     *
     * @param id of the new bundle
     * @param pairs the CSV or JSON-lines file; null draws pictograms
     * @param recipe whose {@code batchNorm} is taken for {@code train}: an untrained network's statistics are worth nothing
     * @param steps updates; 0 writes the bundle with random weights
     * @param out the new bundle's folder, which must not exist or be empty
     * @param threads of libtorch; 0 leaves it one a core
     */
    public record Request(
            String id,
            Architecture architecture,
            @Nullable Path pairs,
            Recipe recipe,
            String recipeText,
            long steps,
            Path out,
            TorchDevice device,
            int threads) {}

    private ScratchTraining(Request request) {
        this.request = request;
        this.recipe = request.recipe().with(Recipe.BatchNorm.TRAIN);
    }

    /**
     * Runs to the end.
     *
     * @throws PairsException where the pairs cannot be used, or the output folder is in use
     * @throws BundleException where the new bundle cannot be run
     */
    public static ModelBundle run(Request request, TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
        Workplace.requireFree(request.out());
        return new ScratchTraining(request).run(listener);
    }

    private ModelBundle run(TrainingLoop.Listener listener) throws PairsException, BundleException, IOException {
        ScratchModel model = model();
        if (request.steps() == 0) {
            return model.write(request.out(), request.id());
        }
        return request.pairs() == null ? onPictograms(model, listener) : onPairs(model, request.pairs(), listener);
    }

    private ScratchModel model() throws PairsException {
        if (request.pairs() == null) {
            return ScratchModel.ofPictograms(request.architecture(), recipe.seed());
        }
        List<String> captions =
                PairFile.read(request.pairs()).stream().map(Pair::caption).toList();
        return ScratchModel.create(request.architecture(), captions, recipe.seed());
    }

    private ModelBundle onPairs(ScratchModel model, Path pairs, TrainingLoop.Listener listener)
            throws PairsException, BundleException, IOException {
        Path start = Workplace.of(request.out()).resolve("start");
        Workplace.delete(start);
        model.write(start, request.id());
        return PairTraining.run(
                        new PairTraining.Request(
                                pairs,
                                start,
                                recipe,
                                request.recipeText(),
                                request.out(),
                                request.device(),
                                request.threads(),
                                false),
                        listener)
                .bundle();
    }

    private ModelBundle onPictograms(ScratchModel model, TrainingLoop.Listener listener)
            throws BundleException, IOException {
        Architecture architecture = request.architecture();
        Path work = Workplace.of(request.out());
        Samples samples = new Samples(recipe.seed(), Scenes.Choice.TRAINING, architecture.imageSize());
        try (PictogramBatches drawn = new PictogramBatches(
                        samples, new BytePairEncoder(model.vocabulary()), architecture, recipe.batchSize(), 1);
                ContrastiveTrainer trainer = ContrastiveTrainer.open(
                        new Tower(model.image(), "the new image tower", ScratchBundle.IMAGE_EMBEDDING),
                        new Tower(model.text(), "the new text tower", ScratchBundle.TEXT_EMBEDDING),
                        recipe,
                        options(),
                        request.steps())) {
            new TrainingLoop(work.resolve("checkpoint"), fingerprint(), recipe.checkpointInterval())
                    .run(trainer, request.steps(), step -> batches(drawn, step), listener);
            trainer.finish();
            ModelBundle bundle = new ScratchBundle(architecture, model.vocabulary())
                    .write(
                            request.out(),
                            trainer.imageModel(),
                            trainer.textModel(),
                            new ScratchBundle.Facts(request.id(), trainer.logitScale(), true, provenance()));
            Workplace.delete(work);
            return bundle;
        }
    }

    private List<Batch> batches(PictogramBatches drawn, long step) throws IOException {
        List<Batch> batches = new ArrayList<>();
        try {
            for (int i = 0; i < recipe.accumulate(); i++) {
                batches.add(drawn.batch(step * recipe.accumulate() + i));
            }
            return batches;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the run was interrupted at step " + step).initCause(e);
        }
    }

    private Provenance provenance() {
        return new Provenance(
                "pictograms drawn by Moderato, " + request.steps() + " steps of " + recipe.batchSize()
                        + " from random weights",
                "Apache-2.0",
                null,
                null,
                Map.of());
    }

    private String fingerprint() {
        return Workplace.fingerprint(
                request.architecture().toString().getBytes(StandardCharsets.UTF_8),
                recipe.toString().getBytes(StandardCharsets.UTF_8),
                Long.toString(request.steps()).getBytes(StandardCharsets.UTF_8));
    }

    private TrainerOptions options() {
        Preprocessing preprocessing = ScratchBundle.preprocessing(request.architecture());
        return new TrainerOptions(
                request.device(),
                request.threads(),
                preprocessing.rescale(),
                preprocessing.mean(),
                preprocessing.std(),
                (int) PictogramBatches.PADDING,
                ScratchModel.INITIAL_SCALE,
                TrainerOptions.defaults().logitBias());
    }
}

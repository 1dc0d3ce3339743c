package dev.moderato.trainer.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.trainer.Golden;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.Tower;
import dev.moderato.trainer.train.TrainerOptions;
import dev.moderato.trainer.train.TrainingLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one-shot form, from files to files, against PyTorch. */
class GoldenPairsTest {
    private static final String RECIPE = "{optimizer: %s, learningRate: %s, momentum: 0, betas: [0.9, 0.98], eps: 1e-6,"
            + " weightDecay: 0, steps: 10, batchSize: 8, shuffle: false, seed: 0, loss: infonce, schedule: constant,"
            + " warmupSteps: 0, clip: 0, logitScale: {value: 14.285714, learn: false}, freeze: [], ema: 0,"
            + " precision: fp32, interpolation: off, validation: 0, gate: off}";

    @TempDir
    Path folder;

    @Test
    void trainsOnFilesAsPyTorchDoes() throws Exception {
        Golden golden = Golden.open();
        Path pairs = golden.writePairs(folder);
        golden.writeBundle(folder.resolve("tiny"));
        for (String[] run : new String[][] {{"sgd", "0.05"}, {"adamw", "1e-3"}}) {
            Path out = folder.resolve(run[0]);
            Losses losses = new Losses();
            ModelBundle bundle = PairTraining.run(request(pairs, RECIPE.formatted((Object[]) run), out), losses)
                    .bundle();
            double[] expected = golden.losses(run[0]);
            assertThat(losses.seen).hasSize(10);
            for (int step = 0; step < 10; step++) {
                assertThat(losses.seen.get(step)).isCloseTo(expected[step], within(1e-3 * expected[step]));
            }
            assertRuntimesAgree(bundle);
        }
    }

    private PairTraining.Request request(Path pairs, String recipe, Path out) throws Exception {
        return new PairTraining.Request(
                pairs,
                folder.resolve("tiny"),
                RecipeParser.parse(recipe, "recipe.yaml"),
                recipe,
                out,
                TorchDevice.CPU,
                0,
                false);
    }

    /** What ONNX Runtime makes of the written graphs is what the trainer makes of them. */
    private static void assertRuntimesAgree(ModelBundle bundle) throws Exception {
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] crop = new byte[bundle.preprocessing().cropBytes()];
            new Random(i).nextBytes(crop);
            crops.add(crop);
        }
        List<String> texts = List.of("a knife", "mountains at dawn", "");
        try (ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults());
                ContrastiveTrainer trainer = ContrastiveTrainer.open(
                        tower(bundle.folder().resolve("image.onnx")),
                        tower(bundle.folder().resolve("text.onnx")),
                        RecipeParser.parse("", "defaults"),
                        options(bundle),
                        1)) {
            long[][] tokens = texts.stream()
                    .map(t -> java.util.Arrays.stream(model.tokenizer().ids(t))
                            .asLongStream()
                            .toArray())
                    .toArray(long[][]::new);
            assertClose(trainer.embedImages(new Batch.Crops(crops, Golden.SIDE, Golden.SIDE)), model.rawImages(crops));
            assertClose(trainer.embedTexts(tokens), model.rawTexts(texts));
        }
    }

    private static TrainerOptions options(ModelBundle bundle) {
        return new TrainerOptions(
                TorchDevice.CPU,
                0,
                bundle.preprocessing().rescale(),
                bundle.preprocessing().mean(),
                bundle.preprocessing().std(),
                bundle.manifest().tokenizer().padding(),
                bundle.logitScale(),
                0);
    }

    private static Tower tower(Path file) throws Exception {
        assertThat(Files.size(file)).isPositive();
        return new Tower(OnnxFile.read(file), file.toString(), null);
    }

    private static void assertClose(float[][] actual, float[][] expected) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).usingComparatorWithPrecision(1e-5f).containsExactly(expected[i]);
        }
    }

    private static final class Losses implements TrainingLoop.Listener {
        final List<Double> seen = new ArrayList<>();

        @Override
        public void started(long step, long steps) {
            assertThat(steps).isEqualTo(10);
        }

        @Override
        public void step(StepReport report) {
            assertThat(report.step()).isEqualTo(seen.size());
            seen.add(report.loss());
        }
    }
}

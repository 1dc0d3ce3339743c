package dev.moderato.trainer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.onnx.Half;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.trainer.TinyModel;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.scratch.ScratchModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContrastiveTrainerTest {
    private static final String ALL_STATE =
            "{learningRate: 0.01, weightDecay: 0.1, schedule: cosine, warmupSteps: 2, clip: 1, ema: 0.9, batchNorm: train,"
                    + " interpolation: 0.5, logitScale: {value: 10, learn: true}}";

    @TempDir
    Path folder;

    @Test
    void givesTheSameWeightsForTheSameSeed() throws Exception {
        assertThat(trained(ALL_STATE)).isEqualTo(trained(ALL_STATE));
    }

    private static List<ModelProto> trained(String recipe) throws Exception {
        try (ContrastiveTrainer trainer = TinyModel.trainer(recipe)) {
            losses(trainer, 0, 4);
            trainer.finish();
            return List.of(trainer.imageModel(), trainer.textModel());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ALL_STATE, "{optimizer: sgd, learningRate: 0.1, momentum: 0.9}"})
    void goesOnFromACheckpointAsIfNothingHadHappened(String recipe) throws Exception {
        Path file = folder.resolve("checkpoint");
        try (ContrastiveTrainer whole = TinyModel.trainer(recipe);
                ContrastiveTrainer killed = TinyModel.trainer(recipe);
                ContrastiveTrainer resumed = TinyModel.trainer(recipe)) {
            List<Double> expected = losses(whole, 0, 6);
            losses(killed, 0, 3);
            killed.checkpoint(file, "run");
            resumed.resume(file, "run");
            assertThat(resumed.step()).isEqualTo(3);
            assertThat(losses(resumed, 3, 6)).isEqualTo(expected.subList(3, 6));
            whole.finish();
            resumed.finish();
            assertThat(resumed.imageModel()).isEqualTo(whole.imageModel());
            assertThat(resumed.textModel()).isEqualTo(whole.textModel());
        }
    }

    private static List<Double> losses(ContrastiveTrainer trainer, int from, int to) {
        List<Double> losses = new ArrayList<>();
        for (int step = from; step < to; step++) {
            losses.add(trainer.step(TinyModel.batch(6, step)).loss());
        }
        return losses;
    }

    @Test
    void refusesACheckpointThatIsDamagedOrOfAnotherRun() throws Exception {
        Path file = folder.resolve("checkpoint");
        try (ContrastiveTrainer trainer = TinyModel.trainer("")) {
            trainer.checkpoint(file, "run");
            assertThatThrownBy(() -> trainer.resume(file, "other"))
                    .isInstanceOf(IOException.class)
                    .hasMessage(file + " is of another run: the recipe, the pairs or the bundle changed since");
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
            assertThatThrownBy(() -> trainer.resume(file, "run"))
                    .hasMessage(file + " is damaged: its checksum does not hold");
            Files.write(file, Arrays.copyOf(bytes, 100));
            assertThatThrownBy(() -> trainer.resume(file, "run")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void holdsAnchoredPairsWhereTheyWere() throws Exception {
        double free = moved("{learningRate: 0.01}");
        assertThat(free).isGreaterThan(0.01);
        assertThat(moved("{learningRate: 0.01, anchor: 1000}")).isLessThan(free / 20);
    }

    /** How far the images of the anchored half of a batch move in ten steps, as the mean of 1 − cosine. */
    private static double moved(String recipe) throws Exception {
        try (ContrastiveTrainer trainer = TinyModel.trainer(recipe)) {
            Batch batch = TinyModel.batch(8, 1);
            float[][] images = trainer.embedImages(batch.images());
            float[][] texts = trainer.embedTexts(batch.tokens());
            Batch anchored = new Batch(
                    batch.images(),
                    batch.tokens(),
                    batch.match(),
                    new Batch.Anchor(new long[] {0, 1, 2, 3}, Arrays.copyOf(images, 4), Arrays.copyOf(texts, 4)));
            for (int step = 0; step < 10; step++) {
                trainer.step(anchored);
            }
            float[][] after = trainer.embedImages(batch.images());
            return IntStream.range(0, 4)
                    .mapToDouble(i -> 1 - cosine(images[i], after[i]))
                    .average()
                    .orElseThrow();
        }
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    @Test
    void stopsAtALossThatIsNoNumberAndLeavesTheWeightsAlone() throws Exception {
        try (ContrastiveTrainer trainer = TinyModel.trainer("")) {
            ModelProto before = trainer.imageModel();
            Batch good = TinyModel.batch(4, 0);
            float[] broken = ((Batch.Values) good.images()).values().clone();
            broken[5] = Float.NaN;
            Batch batch =
                    new Batch(new Batch.Values(broken, 4, TinyModel.SIDE, TinyModel.SIDE), good.tokens(), good.match());
            assertThatThrownBy(() -> trainer.step(batch))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageStartingWith("step 0: the loss is NaN")
                    .hasMessageEndingWith(
                            "nothing is published. A smaller learningRate, warmupSteps or clip: 1 usually" + " helps");
            assertThat(trainer.imageModel()).isEqualTo(before);
        }
    }

    @Test
    void trainsNothingThatIsFrozen() throws Exception {
        ScratchModel model = TinyModel.model();
        try (ContrastiveTrainer trainer = TinyModel.trainer("{learningRate: 0.01, freeze: [image, 'text:1']}")) {
            losses(trainer, 0, 2);
            assertThat(changed(model.image(), trainer.imageModel())).isEmpty();
            assertThat(changed(model.text(), trainer.textModel()))
                    .contains("blocks.1.mlp.in.weight", "projection")
                    .noneMatch(name -> name.startsWith("blocks.0.") || name.contains("embedding"));
        }
    }

    private static List<String> changed(ModelProto before, ModelProto after) {
        List<String> changed = new ArrayList<>();
        for (int i = 0; i < before.getGraph().getInitializerCount(); i++) {
            TensorProto old = before.getGraph().getInitializer(i);
            if (!old.equals(after.getGraph().getInitializer(i))) {
                changed.add(old.getName());
            }
        }
        return changed;
    }

    @Test
    void saysHowManyBlocksThereAreToFreeze() {
        assertThatThrownBy(() -> TinyModel.trainer("{freeze: ['text:3']}"))
                .isInstanceOf(TrainingException.class)
                .hasMessage("text.onnx: freezing 3 blocks, but the graph has 2 residual blocks");
        assertThatThrownBy(() -> TinyModel.trainer("{freeze: [image, text]}"))
                .hasMessage("the recipe freezes everything: nothing is left to train");
    }

    @Test
    void averagesTheGradientsOfMicroBatches() throws Exception {
        try (ContrastiveTrainer one = TinyModel.trainer("{optimizer: sgd, learningRate: 0.1}");
                ContrastiveTrainer twice = TinyModel.trainer("{optimizer: sgd, learningRate: 0.1}")) {
            Batch batch = TinyModel.batch(4, 1);
            StepReport single = one.step(batch);
            StepReport accumulated = twice.step(List.of(batch, batch));
            assertThat(accumulated.loss()).isCloseTo(single.loss(), within(1e-6));
            assertThat(accumulated.gradientNorm()).isCloseTo(single.gradientNorm(), within(1e-5));
        }
    }

    @Test
    void clipsTheGradientAndReportsItUnclipped() throws Exception {
        try (ContrastiveTrainer free = TinyModel.trainer("{optimizer: sgd, learningRate: 1}");
                ContrastiveTrainer clipped = TinyModel.trainer("{optimizer: sgd, learningRate: 1, clip: 1e-6}")) {
            ModelProto before = clipped.textModel();
            double norm = clipped.step(TinyModel.batch(4, 1)).gradientNorm();
            assertThat(norm).isEqualTo(free.step(TinyModel.batch(4, 1)).gradientNorm());
            assertThat(distance(before, clipped.textModel())).isBetween(0.0, 1.1e-6);
        }
    }

    private static double distance(ModelProto before, ModelProto after) {
        double sum = 0;
        for (int i = 0; i < before.getGraph().getInitializerCount(); i++) {
            TensorProto a = before.getGraph().getInitializer(i);
            ByteBuffer b = after.getGraph()
                    .getInitializer(i)
                    .getRawData()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer old = a.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            while (a.getDataType() == TensorProto.DataType.FLOAT_VALUE && old.hasRemaining()) {
                float from = old.getFloat();
                float to = b.getFloat();
                sum += from == to ? 0 : Math.pow(to - from, 2);
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void neverLetsTheLogitScaleGrowBeyondAHundred() throws Exception {
        try (ContrastiveTrainer trainer =
                TinyModel.trainer("{optimizer: sgd, learningRate: 100, logitScale: {value: 99, learn: true}}")) {
            Batch easy = TinyModel.batch(2, 3);
            for (int step = 0; step < 3; step++) {
                trainer.step(easy);
                assertThat(trainer.logitScale()).isBetween(0.999, 100.001);
            }
        }
    }

    @Test
    void interpolatesBetweenTheWeightsBeforeAndAfter() throws Exception {
        try (ContrastiveTrainer trainer = TinyModel.trainer("{learningRate: 0.01, interpolation: 0.5}")) {
            ModelProto before = trainer.textModel();
            losses(trainer, 0, 3);
            ModelProto after = trainer.textModel();
            trainer.interpolate(0.5);
            double half = distance(before, trainer.textModel());
            assertThat(half).isCloseTo(distance(before, after) / 2, within(half * 1e-3));
            trainer.interpolate(0);
            assertThat(trainer.textModel()).isEqualTo(before);
            trainer.interpolate(1);
            assertThat(trainer.textModel()).isEqualTo(after);
        }
    }

    @Test
    void trainsHalfPrecisionWeightsAndWritesThemBackAsSuch() throws Exception {
        ScratchModel model = TinyModel.model();
        Tower half = new Tower(halved(model.text()), "half.onnx", null);
        try (ContrastiveTrainer trainer = ContrastiveTrainer.open(
                TinyModel.image(model),
                half,
                RecipeParser.parse("{learningRate: 0.01}", "recipe"),
                TrainerOptions.defaults(),
                2)) {
            losses(trainer, 0, 2);
            assertThat(changed(half.model(), trainer.textModel())).contains("projection");
            for (TensorProto weight : trainer.textModel().getGraph().getInitializerList()) {
                if (weight.getName().equals("projection")) {
                    assertThat(weight.getDataType()).isEqualTo(TensorProto.DataType.FLOAT16_VALUE);
                    assertThat(weight.getRawData().size()).isEqualTo(2 * 16 * 8);
                }
            }
        }
    }

    private static ModelProto halved(ModelProto model) {
        ModelProto.Builder builder = model.toBuilder();
        for (TensorProto.Builder weight : builder.getGraphBuilder().getInitializerBuilderList()) {
            if (weight.getName().equals("projection")) {
                ByteBuffer floats = weight.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                ByteBuffer halfs = ByteBuffer.allocate(floats.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
                while (floats.hasRemaining()) {
                    halfs.putShort(Half.fromFloat(floats.getFloat()));
                }
                weight.setDataType(TensorProto.DataType.FLOAT16_VALUE)
                        .setRawData(com.google.protobuf.ByteString.copyFrom(halfs.array()));
            }
        }
        return builder.build();
    }

    @Test
    void trainsInBfloat16() throws Exception {
        try (ContrastiveTrainer exact = TinyModel.trainer("{learningRate: 0.01}");
                ContrastiveTrainer rounded = TinyModel.trainer("{learningRate: 0.01, precision: bf16}")) {
            List<Double> expected = losses(exact, 0, 3);
            List<Double> actual = losses(rounded, 0, 3);
            assertThat(actual).isNotEqualTo(expected);
            for (int step = 0; step < 3; step++) {
                assertThat(actual.get(step)).isCloseTo(expected.get(step), within(0.1));
            }
        }
    }

    @Test
    void saysThatThereIsNoGpu() {
        org.junit.jupiter.api.Assumptions.assumeFalse(
                org.bytedeco.pytorch.global.torch.cuda_is_available(), "this machine has a CUDA device");
        assertThatThrownBy(TorchDevice.CUDA::open)
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith("--device cuda: libtorch finds no CUDA device here; use --device cpu");
    }
}

package dev.moderato.trainer.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.inference.clip.BundleVerifier;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.pictograms.Captions;
import dev.moderato.pictograms.Scenes;
import dev.moderato.trainer.TinyModel;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTrainingTest {
    private static final String RECIPE =
            "{learningRate: 0.01, steps: 12, batchSize: 32, loss: multipositive, logitScale: {learn: true}}";

    @TempDir
    Path folder;

    private ModelBundle train(String out, long steps, List<Double> losses) throws Exception {
        return ScratchTraining.run(
                new ScratchTraining.Request(
                        "tiny",
                        TinyModel.architecture(),
                        null,
                        RecipeParser.parse(RECIPE, "recipe"),
                        RECIPE,
                        steps,
                        folder.resolve(out),
                        TorchDevice.CPU,
                        1),
                new TrainingLoop.Listener() {
                    @Override
                    public void started(long step, long all) {
                        assertThat(all).isEqualTo(steps);
                    }

                    @Override
                    public void step(StepReport report) {
                        losses.add(report.loss());
                    }
                });
    }

    @Test
    void learnsFromDrawnPicturesAndGivesTheSameBundleAgain() throws Exception {
        List<Double> losses = new ArrayList<>();
        ModelBundle bundle = train("one", 12, losses);
        assertThat(losses).hasSize(12);
        assertThat(losses.get(11)).isLessThan(losses.get(0));
        assertThat(bundle.trained()).isTrue();
        assertThat(bundle.id()).isEqualTo("tiny");
        ModelBundle again = train("two", 12, new ArrayList<>());
        assertThat(again.files()).isEqualTo(bundle.files());
        try (ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults())) {
            assertThat(BundleVerifier.verify(model).problems()).isEmpty();
        }
    }

    @Test
    void writesRandomWeightsWhereThereAreNoSteps() throws Exception {
        List<Double> losses = new ArrayList<>();
        ModelBundle bundle = train("random", 0, losses);
        assertThat(losses).isEmpty();
        assertThat(bundle.trained()).isFalse();
    }

    @Test
    void saysWhereAnArchitectureIsWrong() {
        assertThatThrownBy(() -> ArchitectureFile.parse("""
                        embedding: 8
                        image: {kind: vit, size: 30, patch: 7, width: 8, layers: 1, heads: 2}
                        text: {vocabulary: 300, context: 16, width: 8, layers: 1, heads: 2}
                        """, "a.yaml"))
                .isInstanceOf(ArchitectureException.class)
                .hasMessageStartingWith("a.yaml:2")
                .hasMessageContaining("must divide size 30, which 7 does not");
        assertThatThrownBy(() -> ArchitectureFile.parse("embedding: 8\nimage: {kind: mlp, size: 30}\n", "a.yaml"))
                .hasMessageContaining("is 'mlp'; write convnet or vit");
    }

    @Test
    void tokenizesAsTheFileThatItWrites() throws Exception {
        ModelBundle bundle = TinyModel.model().write(folder.resolve("tiny"), "tiny");
        BytePairEncoder encoder = new BytePairEncoder(TinyModel.model().vocabulary());
        Captions captions = new Captions(5);
        Scenes scenes = new Scenes(5, Scenes.Choice.ANY);
        List<String> texts = IntStream.range(0, 50)
                .mapToObj(i -> captions.caption(scenes.scene(i), i))
                .collect(Collectors.toCollection(ArrayList::new));
        texts.addAll(List.of("", "  Ünï  cödé ", "it's 42 %!", "emoji 🙂 and\ttab"));
        try (ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults())) {
            for (String text : texts) {
                List<Integer> ours = encoder.encode(text, 16);
                List<Integer> theirs = IntStream.of(model.tokenizer().ids(text))
                        .boxed()
                        .toList()
                        .subList(0, ours.size());
                assertThat(ours).as(text).isEqualTo(theirs);
            }
        }
    }

    @Test
    void drawsABatchByItsNumberAlone() throws Exception {
        ScratchModel model = TinyModel.model();
        try (PictogramBatches one = batches(model);
                PictogramBatches other = batches(model)) {
            List<Batch> inOrder = new ArrayList<>();
            for (long number = 0; number < 4; number++) {
                inOrder.add(one.batch(number));
            }
            Batch third = other.batch(2);
            assertThat(third.tokens()).isDeepEqualTo(inOrder.get(2).tokens());
            assertThat(((Batch.Crops) third.images()).crops().get(5))
                    .isEqualTo(((Batch.Crops) inOrder.get(2).images()).crops().get(5));
            assertThat(LongStream.of(third.tokens()[0]).sum())
                    .isNotEqualTo(LongStream.of(inOrder.get(3).tokens()[0]).sum());
        }
    }

    private static PictogramBatches batches(ScratchModel model) {
        return new PictogramBatches(
                new dev.moderato.pictograms.Samples(1, Scenes.Choice.TRAINING, TinyModel.SIDE),
                new BytePairEncoder(model.vocabulary()),
                TinyModel.architecture(),
                8,
                1);
    }
}

package dev.moderato.trainer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.onnx.OnnxFile;
import dev.moderato.trainer.Golden;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same training as PyTorch's, from the ONNX files alone. */
class GoldenTrainingTest {
    private static final int STEPS = 10;

    private Golden golden;

    @BeforeEach
    void open() throws IOException {
        golden = Golden.open();
    }

    @ParameterizedTest
    @CsvSource({"sgd, 0.05", "adamw, 0.001"})
    void takesTheStepsThatPyTorchTakes(String optimizer, double learningRate) throws Exception {
        Batch batch = batch();
        try (ContrastiveTrainer trainer = trainer(optimizer, learningRate)) {
            double[] losses = new double[STEPS];
            for (int step = 0; step < STEPS; step++) {
                losses[step] = trainer.step(batch).loss();
            }
            assertRelative(losses, golden.losses(optimizer), 1e-3);
            assertClose(trainer.embedImages(batch.images()), golden.imagesAfter(optimizer));
            assertClose(trainer.embedTexts(batch.tokens()), golden.textsAfter(optimizer));
        }
    }

    @Test
    void hasPyTorchsGradients() throws Exception {
        try (ContrastiveTrainer trainer = trainer("sgd", 0.05)) {
            Map<String, Double> norms = trainer.gradientNorms(batch());
            golden.gradientNorms()
                    .forEach((name, expected) -> assertThat(candidates(norms, name))
                            .as(name)
                            .anySatisfy(norm -> assertThat(norm).isCloseTo(expected, tolerance(expected, 1e-4))));
            assertThat(trainer.step(batch()).gradientNorm())
                    .isCloseTo(golden.gradientNorm(), tolerance(golden.gradientNorm(), 1e-4));
        }
    }

    @Test
    void refusesInt8WeightsByName() throws Exception {
        Tower image = new Tower(OnnxFile.read(golden.imageModel("_quantized")), "vision_model_quantized.onnx", null);
        Tower text = new Tower(OnnxFile.read(golden.textModel("")), "text_model.onnx", null);
        Recipe recipe = RecipeParser.parse("", "recipe");
        assertThatThrownBy(() -> ContrastiveTrainer.open(image, text, recipe, TrainerOptions.defaults(), 1))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("vision_model_quantized.onnx: its weights are int8 (node ")
                .hasMessageEndingWith("train the float export and quantize the result");
    }

    private ContrastiveTrainer trainer(String optimizer, double learningRate) throws IOException, RecipeException {
        Recipe recipe = RecipeParser.parse(
                "{optimizer: " + optimizer + ", learningRate: " + learningRate + ", logitScale: {value: "
                        + golden.logitScale() + "}}",
                "recipe");
        Tower image = new Tower(OnnxFile.read(golden.imageModel("")), "vision_model.onnx", "image_embeds");
        Tower text = new Tower(OnnxFile.read(golden.textModel("")), "text_model.onnx", "text_embeds");
        return ContrastiveTrainer.open(image, text, recipe, TrainerOptions.defaults(), STEPS);
    }

    private Batch batch() throws IOException {
        long[][] tokens = golden.tokens();
        long[] each = new long[tokens.length];
        Arrays.setAll(each, i -> i);
        Batch.Images images = new Batch.Values(golden.pixels(), tokens.length, Golden.SIDE, Golden.SIDE);
        return new Batch(images, tokens, new Batch.Groups(each));
    }

    /** The weight of that name, or any of its tower where the export renamed it. */
    private static List<Double> candidates(Map<String, Double> norms, String name) {
        String tower = name.startsWith("vision_model") || name.startsWith("visual") ? "image/" : "text/";
        Double same = norms.get(tower + name);
        return same != null
                ? List.of(same)
                : norms.entrySet().stream()
                        .filter(e -> e.getKey().startsWith(tower))
                        .map(Map.Entry::getValue)
                        .toList();
    }

    /** A key's bias has no gradient but rounding's: what is below 1e-6 counts as zero. */
    private static Offset<Double> tolerance(double expected, double relative) {
        return within(relative * expected + 1e-6);
    }

    private static void assertRelative(double[] actual, double[] expected, double relative) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("number %d", i).isCloseTo(expected[i], tolerance(expected[i], relative));
        }
    }

    private static void assertClose(float[][] actual, double[][] expected) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int i = 0; i < actual.length; i++) {
            for (int k = 0; k < actual[i].length; k++) {
                assertThat((double) actual[i][k]).isCloseTo(expected[i][k], within(1e-3));
            }
        }
    }
}

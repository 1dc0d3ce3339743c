package dev.moderato.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeParserTest {
    @Test
    void anEmptyRecipeHasTheDefaults() throws Exception {
        Recipe recipe = RecipeParser.parse("", "recipe.yaml");
        assertThat(recipe)
                .isEqualTo(new Recipe(
                        Recipe.Optimizer.ADAMW,
                        1e-5,
                        0,
                        List.of(0.9, 0.98),
                        1e-6,
                        0,
                        new Recipe.Length(0, 1),
                        32,
                        1,
                        true,
                        0,
                        Recipe.Loss.INFONCE,
                        Recipe.Schedule.CONSTANT,
                        0,
                        0,
                        new Recipe.Logit(null, false),
                        new Recipe.Logit(null, false),
                        List.of(),
                        Recipe.BatchNorm.FROZEN,
                        0,
                        Recipe.Precision.FP32,
                        new Recipe.Interpolation(Recipe.Interpolation.Mode.OFF, 1),
                        0,
                        0,
                        false,
                        5));
        assertThat(recipe.checkpointInterval()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void readsEverySetting() throws Exception {
        Recipe recipe = RecipeParser.parse("""
                optimizer: sgd
                learningRate: 0.05
                momentum: 0.9
                betas: [0.8, 0.9]
                eps: 1e-8
                weightDecay: 0.1
                steps: 100
                batchSize: 16
                accumulate: 2
                shuffle: false
                seed: -5
                loss: sigmoid
                schedule: cosine
                warmupSteps: 10
                clip: 1
                logitScale: {value: 10, learn: true}
                logitBias: {value: -10, learn: true}
                freeze: [image, "text:2"]
                batchNorm: train
                ema: 0.999
                precision: bf16
                interpolation: 0.7
                anchor: 50
                validation: 0.1
                gate: on
                checkpointMinutes: 0.5
                """, "recipe.yaml");
        assertThat(recipe)
                .isEqualTo(new Recipe(
                        Recipe.Optimizer.SGD,
                        0.05,
                        0.9,
                        List.of(0.8, 0.9),
                        1e-8,
                        0.1,
                        new Recipe.Length(100, 0),
                        16,
                        2,
                        false,
                        -5,
                        Recipe.Loss.SIGMOID,
                        Recipe.Schedule.COSINE,
                        10,
                        1,
                        new Recipe.Logit(10.0, true),
                        new Recipe.Logit(-10.0, true),
                        List.of(new Recipe.Freeze(Recipe.Tower.IMAGE, 0), new Recipe.Freeze(Recipe.Tower.TEXT, 2)),
                        Recipe.BatchNorm.TRAIN,
                        0.999,
                        Recipe.Precision.BF16,
                        new Recipe.Interpolation(Recipe.Interpolation.Mode.FIXED, 0.7),
                        50,
                        0.1,
                        true,
                        0.5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            learningrate: 1          | r.yaml:1:1: 'learningrate' is not a key of a recipe; did you mean 'learningRate'?
            optimizer: adam          | r.yaml:1:12: 'optimizer' is 'adam'; write one of sgd, adamw
            learningRate: fast       | r.yaml:1:15: 'learningRate' is 'fast'; write a number from 0 to 1000
            batchSize: 0             | r.yaml:1:12: 'batchSize' is '0'; write a whole number from 1 to 1000000
            shuffle: maybe           | r.yaml:1:10: 'shuffle' is 'maybe'; write true or false
            betas: [0.9]             | r.yaml:1:8: 'betas': takes two numbers, as in [0.9, 0.98]
            betas: 0.9               | r.yaml:1:8: 'betas' is '0.9'; write a list, as in [a, b]
            freeze: [head]           | r.yaml:1:10: 'head' is not a part; write image, text, or the blocks from the front as image:4 or text:4
            logitScale: {learned: 1} | r.yaml:1:14: 'learned' is not a key of a recipe; did you mean 'learn'?
            interpolation: much      | r.yaml:1:16: 'interpolation' is 'much'; write off, auto, keep or a number from 0 to 1
            interpolation: auto      | r.yaml:1:16: 'interpolation': auto chooses on held-out pairs, and validation is 0; write validation: 0.1
            {steps: 1, epochs: 2}    | r.yaml:1:20: 'epochs': steps is given too; write one of them
            [1, 2]                   | r.yaml:1:1: a recipe is made of lines 'key: value'
            {seed: 1, seed: 2}       | r.yaml:1:11: 'seed' is given twice; keep one
            """)
    void saysWhatIsWrongAndWhatToWrite(String text, String message) {
        assertThatThrownBy(() -> RecipeParser.parse(text, "r.yaml"))
                .isInstanceOf(RecipeException.class)
                .hasMessage(message);
    }

    @Test
    void reportsAllMistakesAtOnce() {
        RecipeException failure =
                catchThrowableOfType(RecipeException.class, () -> RecipeParser.parse("seed: x\nema: 2\n\"a", "r.yaml"));
        assertThat(failure.mistakes())
                .singleElement()
                .asString()
                .startsWith("r.yaml:3:")
                .contains("is not YAML: ");
        RecipeException both =
                catchThrowableOfType(RecipeException.class, () -> RecipeParser.parse("seed: x\nema: 2\n", "r.yaml"));
        assertThat(both.mistakes())
                .containsExactly(
                        "r.yaml:1:7: 'seed' is 'x'; write a whole number",
                        "r.yaml:2:6: 'ema' is '2'; write a number from 0 to 0.999999999");
    }

    @Test
    void saysThatAFileIsMissing() {
        assertThatThrownBy(() -> RecipeParser.read(Path.of("no", "recipe.yaml")))
                .isInstanceOf(RecipeException.class)
                .hasMessage(Path.of("no", "recipe.yaml") + ": cannot be read (NoSuchFileException)");
    }
}

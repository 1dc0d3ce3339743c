package dev.moderato.trainer;

import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.scratch.Architecture;
import dev.moderato.trainer.scratch.ScratchModel;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.Tower;
import dev.moderato.trainer.train.TrainerOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A model that trains in milliseconds, and batches of noise for it. */
public final class TinyModel {
    public static final int SIDE = 16;
    public static final List<String> CAPTIONS =
            List.of("a red knife", "a green tree", "two blue cats", "a yellow banana", "an empty scene", "a house");

    private static final int LENGTH = 8;

    private TinyModel() {}

    public static Architecture architecture() {
        return new Architecture(
                8,
                SIDE,
                List.of(0.5, 0.5, 0.5),
                List.of(0.25, 0.25, 0.25),
                new Architecture.ConvNet(4, 2, List.of(8), List.of(2)),
                new Architecture.Text(300, 16, 16, 2, 2));
    }

    public static ScratchModel model() {
        return ScratchModel.create(architecture(), CAPTIONS, 3);
    }

    public static Tower image(ScratchModel model) {
        return new Tower(model.image(), "image.onnx", null);
    }

    public static Tower text(ScratchModel model) {
        return new Tower(model.text(), "text.onnx", null);
    }

    /** A trainer of it; the recipe in YAML. */
    public static ContrastiveTrainer trainer(String recipe) throws RecipeException {
        ScratchModel model = model();
        Recipe parsed = RecipeParser.parse(recipe, "recipe");
        return ContrastiveTrainer.open(image(model), text(model), parsed, TrainerOptions.defaults(), 10);
    }

    /** Noise, the same for the same number. */
    public static Batch batch(int pairs, long number) {
        Random random = new Random(number);
        float[] pixels = new float[pairs * 3 * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        long[][] tokens = new long[pairs][LENGTH];
        long[] groups = new long[pairs];
        for (int i = 0; i < pairs; i++) {
            Arrays.setAll(tokens[i], k -> random.nextInt(250));
            tokens[i][LENGTH - 1] = 257;
            groups[i] = i / 2;
        }
        return new Batch(new Batch.Values(pixels, pairs, SIDE, SIDE), tokens, new Batch.Groups(groups));
    }
}

package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Updates weights from their gradients. */
sealed interface Optimizer permits Sgd, AdamW {
    /**
     * One update, in place; a weight without a gradient is left alone.
     *
     * @param step the number of the update, from 1
     */
    void update(List<Parameter> parameters, double learningRate, long step);

    /** What it remembers between updates, by name, to be stored and restored. */
    Map<String, Tensor> state();

    /** Makes the state of every weight, zero, where it is not there yet. */
    void prepare(List<Parameter> parameters);

    static Optimizer of(Recipe recipe) {
        return switch (recipe.optimizer()) {
            case SGD -> new Sgd(recipe.momentum(), recipe.weightDecay());
            case ADAMW -> new AdamW(recipe.betas().get(0), recipe.betas().get(1), recipe.eps(), recipe.weightDecay());
        };
    }
}

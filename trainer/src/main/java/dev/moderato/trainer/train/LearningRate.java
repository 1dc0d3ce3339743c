package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;

/** The learning rate by step: a linear rise, then constant or half a cosine down to zero. */
record LearningRate(double peak, Recipe.Schedule schedule, long warmupSteps, long steps) {
    /** @param step from 0 */
    double at(long step) {
        if (step < warmupSteps) {
            return peak * (step + 1) / warmupSteps;
        }
        if (schedule == Recipe.Schedule.CONSTANT || steps <= warmupSteps) {
            return peak;
        }
        double passed = (double) (step - warmupSteps) / (steps - warmupSteps);
        return peak * 0.5 * (1 + Math.cos(Math.PI * passed));
    }
}

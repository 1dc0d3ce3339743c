package dev.moderato.trainer.pairs;

import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.nio.file.Path;

/** A process that trains, tells each step's loss in a line, and may be killed: pairs, bundle, output folder, recipe. */
final class KilledTraining {
    private KilledTraining() {}

    public static void main(String[] arguments) throws Exception {
        PairTraining.run(
                new PairTraining.Request(
                        Path.of(arguments[0]),
                        Path.of(arguments[1]),
                        RecipeParser.parse(arguments[3], "recipe.yaml"),
                        arguments[3],
                        Path.of(arguments[2]),
                        TorchDevice.CPU,
                        1,
                        false),
                new TrainingLoop.Listener() {
                    @Override
                    public void started(long step, long steps) {}

                    @Override
                    public void step(StepReport report) {
                        System.out.println("step " + report.step() + " " + report.loss());
                    }
                });
    }
}

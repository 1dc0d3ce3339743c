package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.Tower;
import dev.moderato.trainer.train.TrainerOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Opens a bundle's towers for training, fed as the bundle says. */
public final class BundleTowers {
    private BundleTowers() {}

    /**
     * A trainer of the bundle.
     *
     * @param threads of libtorch; 0 leaves it one a core
     * @param steps how many updates the whole run has, for the schedule
     */
    public static ContrastiveTrainer open(
            ModelBundle bundle, Recipe recipe, TorchDevice device, int threads, long steps) throws IOException {
        return ContrastiveTrainer.open(
                tower(
                        bundle,
                        bundle.manifest().image().model(),
                        bundle.manifest().image().output()),
                tower(
                        bundle,
                        bundle.manifest().text().model(),
                        bundle.manifest().text().output()),
                recipe,
                options(bundle, device, threads),
                steps);
    }

    private static Tower tower(ModelBundle bundle, String model, String output) throws IOException {
        Path file = bundle.folder().resolve(model);
        return new Tower(
                OnnxFile.outline(file),
                file.toString(),
                output,
                file.toAbsolutePath().getParent());
    }

    private static TrainerOptions options(ModelBundle bundle, TorchDevice device, int threads) {
        Preprocessing preprocessing = bundle.preprocessing();
        Double bias = bundle.logitBias();
        return new TrainerOptions(
                device,
                threads,
                preprocessing.rescale(),
                preprocessing.mean(),
                preprocessing.std(),
                bundle.manifest().tokenizer().padding(),
                bundle.logitScale(),
                bias == null ? TrainerOptions.defaults().logitBias() : bias);
    }
}

package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/** Runs a forward pass in the precision of the recipe. */
final class Precision {
    private Precision() {}

    static <T> T in(Recipe.Precision precision, TorchDevice device, Supplier<T> forward) {
        if (precision == Recipe.Precision.FP32) {
            return forward.get();
        }
        torch.set_autocast_dtype(device.type(), torch.ScalarType.BFloat16);
        torch.set_autocast_enabled(device.type(), true);
        torch.increment_nesting();
        try {
            return forward.get();
        } finally {
            // The last one out forgets the weights that were cast.
            if (torch.decrement_nesting() == 0) {
                torch.clear_cache();
            }
            torch.set_autocast_enabled(device.type(), false);
        }
    }
}

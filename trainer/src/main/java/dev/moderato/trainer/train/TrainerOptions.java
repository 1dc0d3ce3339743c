package dev.moderato.trainer.train;

import java.util.List;

/**
 * How the towers are run.
 *
 * @param device where
 * @param threads of libtorch on the CPU; 0 leaves it one a core
 * @param rescale factor of uint8 crops
 * @param mean per channel, after rescaling
 * @param std per channel
 * @param padding the token id that fills a text's row
 * @param logitScale the bundle's, where the recipe names none
 * @param logitBias the bundle's, where the recipe names none
 */
public record TrainerOptions(
        TorchDevice device,
        int threads,
        double rescale,
        List<Float> mean,
        List<Float> std,
        int padding,
        double logitScale,
        double logitBias) {
    /** CPU, pixels from 0 to 1, OpenAI's initial logit scale and SigLIP's initial bias. */
    public static TrainerOptions defaults() {
        return new TrainerOptions(
                TorchDevice.CPU, 0, 1 / 255.0, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f), 0, 1 / 0.07, -10);
    }
}

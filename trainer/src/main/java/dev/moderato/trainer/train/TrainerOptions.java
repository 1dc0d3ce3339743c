package dev.moderato.trainer.train;

import java.util.List;

/**
 * How the towers are run.
 *
 * @param device where
 * @param rescale factor of uint8 crops
 * @param mean per channel, after rescaling
 * @param std per channel
 * @param logitScale the bundle's, where the recipe names none
 * @param logitBias the bundle's, where the recipe names none
 */
public record TrainerOptions(
        TorchDevice device, double rescale, List<Float> mean, List<Float> std, double logitScale, double logitBias) {
    /** CPU, pixels from 0 to 1, OpenAI's initial logit scale and SigLIP's initial bias. */
    public static TrainerOptions defaults() {
        return new TrainerOptions(TorchDevice.CPU, 1 / 255.0, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f), 1 / 0.07, -10);
    }
}

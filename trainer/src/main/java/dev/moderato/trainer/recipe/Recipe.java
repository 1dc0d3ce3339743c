package dev.moderato.trainer.recipe;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an encoder is trained. Each setting is a key of the recipe file; {@link RecipeParser} has the defaults and ranges.
 *
 * @param optimizer {@code sgd} or {@code adamw}
 * @param learningRate the peak learning rate
 * @param momentum of SGD; 0 is none
 * @param betas the two decay rates of AdamW's moments
 * @param eps AdamW's epsilon
 * @param weightDecay for weights of rank two and more; vectors are never decayed
 * @param length how long: a number of steps or of epochs
 * @param batchSize pairs a step (and micro-batch, see accumulate)
 * @param accumulate micro-batches whose gradients are averaged before one update
 * @param shuffle a new order each epoch, from the seed
 * @param seed of everything that is random
 * @param loss which contrastive loss
 * @param schedule of the learning rate after the warm-up
 * @param warmupSteps steps over which the learning rate rises linearly
 * @param clip the largest global gradient norm; 0 is off
 * @param logitScale the factor of the cosines
 * @param logitBias the offset of the logits, of the sigmoid loss only
 * @param freeze what is not trained
 * @param batchNorm whether batch normalizations use the file's statistics or those of the batch
 * @param ema decay of the moving average of the weights that is written instead of them; 0 is off
 * @param precision of matrix products
 * @param interpolation between the weights before and after training (WiSE-FT)
 * @param anchor weight of the penalty on pairs that are to be kept and move; 0 is off
 * @param validation the share of pairs that is held out
 * @param gate whether the run must prove itself before it is published
 * @param checkpointMinutes time between checkpoints
 */
public record Recipe(
        Optimizer optimizer,
        double learningRate,
        double momentum,
        List<Double> betas,
        double eps,
        double weightDecay,
        Length length,
        int batchSize,
        int accumulate,
        boolean shuffle,
        long seed,
        Loss loss,
        Schedule schedule,
        int warmupSteps,
        double clip,
        Logit logitScale,
        Logit logitBias,
        List<Freeze> freeze,
        BatchNorm batchNorm,
        double ema,
        Precision precision,
        Interpolation interpolation,
        double anchor,
        double validation,
        boolean gate,
        double checkpointMinutes) {
    /** The time between checkpoints. */
    public Duration checkpointInterval() {
        return Duration.ofMillis((long) (checkpointMinutes * 60_000));
    }

    /** The same with another treatment of batch normalizations. */
    public Recipe with(BatchNorm other) {
        return new Recipe(
                optimizer,
                learningRate,
                momentum,
                betas,
                eps,
                weightDecay,
                length,
                batchSize,
                accumulate,
                shuffle,
                seed,
                loss,
                schedule,
                warmupSteps,
                clip,
                logitScale,
                logitBias,
                freeze,
                other,
                ema,
                precision,
                interpolation,
                anchor,
                validation,
                gate,
                checkpointMinutes);
    }

    /** The optimizer. */
    public enum Optimizer {
        SGD,
        ADAMW
    }

    /** The loss. */
    public enum Loss {
        /** CLIP's symmetric cross entropy: each image belongs to its own text. */
        INFONCE,
        /** The same, where pairs of equal text share the target. */
        MULTIPOSITIVE,
        /** SigLIP's pairwise sigmoid. */
        SIGMOID
    }

    /** The learning rate after the warm-up. */
    public enum Schedule {
        CONSTANT,
        /** Falls along half a cosine to zero at the last step. */
        COSINE
    }

    /** The number format of matrix products; weights are always float32. */
    public enum Precision {
        FP32,
        BF16
    }

    /** What batch normalizations normalize by. */
    public enum BatchNorm {
        /** The running statistics of the file, unchanged: for fine-tuning. */
        FROZEN,
        /** The batch's statistics, while the running ones follow: for training from scratch. */
        TRAIN
    }

    /**
     * How long a run is; one of the two is given.
     *
     * @param steps the number of updates, or 0
     * @param epochs passes over the pairs, or 0
     */
    public record Length(long steps, long epochs) {
        /** The updates that this makes of a number of batches an epoch. */
        public long steps(long batchesPerEpoch) {
            return steps > 0 ? steps : epochs * batchesPerEpoch;
        }
    }

    /**
     * A number outside the graphs.
     *
     * @param value where it starts; null takes the bundle's
     * @param learn whether it is trained
     */
    public record Logit(@Nullable Double value, boolean learn) {}

    /**
     * A part that is not trained.
     *
     * @param tower which
     * @param blocks how many residual blocks from the front; 0 is the whole tower
     */
    public record Freeze(Tower tower, int blocks) {}

    /** One of the two encoders. */
    public enum Tower {
        IMAGE,
        TEXT
    }

    /**
     * Weights = (1 − w) · before + w · after.
     *
     * @param mode whether and how w is chosen
     * @param weight w, where it is fixed
     */
    public record Interpolation(Mode mode, double weight) {
        /** How the weight is chosen. */
        public enum Mode {
            OFF,
            /** The w of 0, 0.1 … 1 that is best on the validation pairs. */
            AUTO,
            FIXED,
            /** The largest of 1, 0.9 … 0.1 that keeps what was right, which the caller of a run on flags knows. */
            KEEP
        }
    }
}

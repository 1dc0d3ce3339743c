package dev.moderato.trainer.train;

import org.bytedeco.pytorch.Tensor;

/**
 * A trained tensor.
 *
 * @param name its name in the file, or of the trainer's own
 * @param value the leaf that gradients flow to
 * @param position the running position of the node that first uses it, for freezing from the front
 */
record Parameter(String name, Tensor value, int position) {
    /** Matrices and kernels are decayed; biases, scales and other vectors are not. */
    boolean decays() {
        return value.dim() >= 2;
    }
}

package dev.moderato.trainer.train;

import java.util.List;

/**
 * Pairs of images and texts.
 *
 * @param images n images
 * @param tokens n rows of token ids, all of one length
 * @param groups n numbers: pairs of one number show the same thing, and are each other's positives in losses that allow it
 */
public record Batch(Images images, long[][] tokens, long[] groups) {
    /** Checks that the three agree. */
    public Batch {
        if (tokens.length != images.count() || groups.length != images.count()) {
            throw new IllegalArgumentException("a batch of " + images.count() + " images, " + tokens.length
                    + " texts and " + groups.length + " groups");
        }
    }

    /** How many pairs. */
    public int size() {
        return groups.length;
    }

    /** Images in one of the forms that a graph takes. */
    public sealed interface Images {
        /** How many. */
        int count();
    }

    /**
     * Crops as the preprocessor gives them; a float graph gets {@code (value · rescale − mean) / std}, channel first.
     *
     * @param crops uint8 RGB, height × width × 3, channel last
     */
    public record Crops(List<byte[]> crops, int height, int width) implements Images {
        @Override
        public int count() {
            return crops.size();
        }
    }

    /**
     * Tensors that are preprocessed already.
     *
     * @param values count × 3 × height × width
     */
    public record Values(float[] values, int count, int height, int width) implements Images {}
}

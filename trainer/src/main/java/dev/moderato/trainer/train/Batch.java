package dev.moderato.trainer.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of images and texts.
 *
 * @param images n images
 * @param tokens n rows of token ids, all of one length
 * @param match which texts belong to which images
 * @param anchor where some of them are to stay; null where all are free
 */
public record Batch(
        Images images,
        long[][] tokens,
        Match match,
        @Nullable Anchor anchor) {
    /** Checks that the three agree. */
    public Batch {
        int n = images.count();
        if (n == 0 || tokens.length != n || !match.fits(n)) {
            throw new IllegalArgumentException(
                    "a batch of " + n + " images, " + tokens.length + " texts and a match of another size");
        }
    }

    /** Pairs that are all free. */
    public Batch(Images images, long[][] tokens, Match match) {
        this(images, tokens, match, null);
    }

    /** How many pairs. */
    public int size() {
        return tokens.length;
    }

    /** Which texts belong to which images; the loss {@code infonce} ignores it and takes text i for image i alone. */
    public sealed interface Match {
        /** Whether it is one of n pairs. */
        boolean fits(int n);
    }

    /**
     * Pairs with the same number show the same thing, and are each other's positives.
     *
     * @param of n numbers
     */
    public record Groups(long[] of) implements Match {
        @Override
        public boolean fits(int n) {
            return of.length == n;
        }
    }

    /**
     * Every image against every text.
     *
     * @param right n × n by image, then text: 1 where the text is true of the image
     * @param open n × n: 1 where the pair counts neither way
     */
    public record Matrix(float[] right, float[] open) implements Match {
        @Override
        public boolean fits(int n) {
            return right.length == n * n && open.length == n * n;
        }
    }

    /**
     * Embeddings, of any length, that pairs had and are to keep.
     *
     * @param pairs m places in the batch, from 0
     * @param images m × d
     * @param texts m × d
     */
    @SuppressWarnings("ArrayRecordComponent") // anchors are never compared
    public record Anchor(long[] pairs, float[][] images, float[][] texts) {}

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

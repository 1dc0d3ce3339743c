package dev.moderato.inference.policy;

import dev.moderato.kernels.Products;

/**
 * The cosines of images with a fixed list of text vectors. The order of summation is fixed by {@link Products}, so a
 * cosine has the same bits whatever else is in the batch.
 */
final class Cosines {
    private final Products products = Products.create();
    private final float[] packed;
    private final int count;
    private final int size;

    /** @param vectors unit vectors, all of one length */
    Cosines(float[][] vectors) {
        count = vectors.length;
        size = vectors[0].length;
        float[] texts = new float[count * size];
        for (int i = 0; i < count; i++) {
            System.arraycopy(vectors[i], 0, texts, i * size, size);
        }
        packed = Products.pack(texts, count, size);
    }

    /** How many text vectors there are. */
    int count() {
        return count;
    }

    /** The length of a vector. */
    int size() {
        return size;
    }

    /**
     * Multiplies.
     *
     * @param images {@code rows × size()}, row by row
     * @param cosines receives {@code rows × count()}, row by row
     */
    void product(float[] images, int rows, float[] cosines) {
        products.products(images, rows, packed, count, size, cosines);
    }
}

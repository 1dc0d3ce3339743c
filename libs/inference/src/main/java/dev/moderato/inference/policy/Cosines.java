package dev.moderato.inference.policy;

/**
 * The cosines of images with a fixed list of text vectors. The order of summation depends on the vectors' length alone,
 * so a cosine has the same bits whatever else is in the batch.
 */
final class Cosines {
    private final float[] texts;
    private final int count;
    private final int size;

    /** @param vectors unit vectors, all of one length */
    Cosines(float[][] vectors) {
        count = vectors.length;
        size = vectors[0].length;
        texts = new float[count * size];
        for (int i = 0; i < count; i++) {
            System.arraycopy(vectors[i], 0, texts, i * size, size);
        }
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
        for (int row = 0; row < rows; row++) {
            for (int text = 0; text < count; text++) {
                float sum = 0;
                for (int k = 0; k < size; k++) {
                    sum += images[row * size + k] * texts[text * size + k];
                }
                cosines[row * count + text] = sum;
            }
        }
    }
}

package dev.moderato.kernels;

import java.util.Objects;

/**
 * The matrix product of a batch of image vectors with a fixed set of prompt vectors.
 *
 * <p>Each product is summed in one fixed order, j = 0, 1, … d − 1, one multiplication and one addition (never fused) a step,
 * whatever the implementation, the batch or the number of prompts. So a product depends on its image and its prompt alone, bit for bit.
 * Implementations are stateless, allocate nothing and may be shared between threads.
 */
public sealed interface Products permits ScalarProducts, VectorProducts {
    /** Prompts that lie side by side in the packed layout. */
    int PANEL = 32;

    /** The fastest implementation that this JVM can run. */
    static Products create() {
        return VectorModule.present() ? VectorProducts.createIfWide() : new ScalarProducts();
    }

    /** The length of the array that {@link #pack} returns. */
    static int packedLength(int promptCount, int d) {
        int panels = Math.addExact(promptCount, PANEL - 1) / PANEL;
        return Math.multiplyExact(Math.multiplyExact(panels, PANEL), d);
    }

    /**
     * Brings prompts into the order in which {@link #products} reads them; done once for a policy.
     *
     * @param prompts promptCount × d, one prompt vector after another
     * @return panels of {@value #PANEL} prompts, each d × {@value #PANEL}; the last one is filled up with zeros
     */
    static float[] pack(float[] prompts, int promptCount, int d) {
        Objects.checkFromIndexSize(0, Math.multiplyExact(promptCount, d), prompts.length);
        float[] packed = new float[packedLength(promptCount, d)];
        for (int prompt = 0; prompt < promptCount; prompt++) {
            int column = prompt / PANEL * PANEL * d + prompt % PANEL;
            for (int j = 0; j < d; j++) {
                packed[column + j * PANEL] = prompts[prompt * d + j];
            }
        }
        return packed;
    }

    /**
     * Multiplies every image with every prompt.
     *
     * @param images at least imageCount × d, one image vector after another
     * @param packed what {@link #pack} returned for promptCount and d
     * @param out receives imageCount × promptCount products, one image after another
     * @throws IndexOutOfBoundsException where an array is shorter than that
     */
    void products(float[] images, int imageCount, float[] packed, int promptCount, int d, float[] out);

    /** The bounds that every implementation checks before it starts. */
    static void check(float[] images, int imageCount, float[] packed, int promptCount, int d, float[] out) {
        Objects.checkFromIndexSize(0, Math.multiplyExact(imageCount, d), images.length);
        Objects.checkFromIndexSize(0, packedLength(promptCount, d), packed.length);
        Objects.checkFromIndexSize(0, Math.multiplyExact(imageCount, promptCount), out.length);
    }
}

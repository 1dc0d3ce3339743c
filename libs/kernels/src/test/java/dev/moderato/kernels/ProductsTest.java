package dev.moderato.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProductsTest {
    private final Products scalar = new ScalarProducts();
    private final Products chosen = Products.create();

    @Test
    void usesVectorsWhereTheJvmOffersThem() {
        assertThat(chosen).isInstanceOf(VectorModule.present() ? VectorProducts.class : ScalarProducts.class);
    }

    @Test
    void bothGiveTheSumsInOrderBitForBit() {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            int images = random.nextInt(10);
            int prompts = 1 + random.nextInt(100);
            int d = 1 + random.nextInt(70);
            float[] image = floats(random, images * d);
            float[] prompt = floats(random, prompts * d);
            float[] expected = inOrder(image, images, prompt, prompts, d);
            assertThat(run(scalar, image, images, prompt, prompts, d)).isEqualTo(expected);
            assertThat(run(chosen, image, images, prompt, prompts, d)).isEqualTo(expected);
        }
    }

    @Test
    void anImageHasTheSameProductsInAnyBatch() {
        Random random = new Random(12);
        int d = 512;
        int prompts = 250;
        float[] prompt = floats(random, prompts * d);
        float[] image = floats(random, 9 * d);
        float[] batch = run(chosen, image, 9, prompt, prompts, d);
        for (int i = 0; i < 9; i++) {
            float[] alone = run(chosen, Arrays.copyOfRange(image, i * d, (i + 1) * d), 1, prompt, prompts, d);
            assertThat(alone).isEqualTo(Arrays.copyOfRange(batch, i * prompts, (i + 1) * prompts));
        }
    }

    @Test
    void writesNothingBeyondItsProducts() {
        float[] out = new float[20];
        Arrays.fill(out, 7);
        chosen.products(new float[] {1, 2}, 1, Products.pack(new float[] {3, 4, 5, 6}, 2, 2), 2, 2, out);
        assertThat(out).startsWith(11, 17).endsWith(7, 7, 7).hasSize(20);
        assertThat(Arrays.copyOfRange(out, 2, 20)).containsOnly(7);
    }

    @Test
    void refusesArraysThatAreTooShort() {
        float[] packed = Products.pack(new float[6], 3, 2);
        for (Products products : new Products[] {scalar, chosen}) {
            assertThatThrownBy(() -> products.products(new float[3], 2, packed, 3, 2, new float[6]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> products.products(new float[4], 2, packed, 3, 2, new float[5]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> products.products(new float[4], 2, new float[6], 3, 2, new float[6]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static float[] run(Products products, float[] image, int images, float[] prompt, int prompts, int d) {
        float[] out = new float[images * prompts];
        products.products(image, images, Products.pack(prompt, prompts, d), prompts, d, out);
        return out;
    }

    private static float[] inOrder(float[] image, int images, float[] prompt, int prompts, int d) {
        float[] out = new float[images * prompts];
        for (int i = 0; i < images; i++) {
            for (int p = 0; p < prompts; p++) {
                for (int j = 0; j < d; j++) {
                    out[i * prompts + p] += image[i * d + j] * prompt[p * d + j];
                }
            }
        }
        return out;
    }

    private static float[] floats(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}

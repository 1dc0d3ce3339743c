package dev.moderato.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A lane is a prompt: four images times two vectors of prompts stay in registers while the sums run along d. The stores stand
 * inside each method, since a vector that is handed to a method which the compiler does not inline becomes an object.
 */
final class VectorProducts implements Products {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
    private static final int L = LANES.length();
    private static final int WIDTH = 2 * L;
    private static final int BLOCK = 4;

    private VectorProducts() {}

    /** Vectors only where two of them divide a panel. */
    static Products createIfWide() {
        return L >= 4 && PANEL % WIDTH == 0 ? new VectorProducts() : new ScalarProducts();
    }

    @Override
    public void products(float[] images, int imageCount, float[] packed, int promptCount, int d, float[] out) {
        Products.check(images, imageCount, packed, promptCount, d, out);
        int inBlocks = imageCount - imageCount % BLOCK;
        // Java 17 makes an object of a vector that is stored under a mask, for each image.
        float[] tail = new float[promptCount % WIDTH == 0 ? 0 : WIDTH];
        for (int prompt = 0; prompt < promptCount; prompt += WIDTH) {
            int column = prompt / PANEL * PANEL * d + prompt % PANEL;
            boolean whole = prompt + WIDTH <= promptCount;
            for (int image = 0; whole && image < inBlocks; image += BLOCK) {
                four(images, image * d, packed, column, d, out, image * promptCount + prompt, promptCount);
            }
            for (int image = whole ? inBlocks : 0; image < imageCount; image++) {
                one(images, image * d, packed, column, d, out, image * promptCount, prompt, promptCount, tail);
            }
        }
    }

    private static void four(
            float[] images, int a, float[] packed, int column, int d, float[] out, int to, int promptCount) {
        FloatVector a0 = FloatVector.zero(LANES);
        FloatVector a1 = FloatVector.zero(LANES);
        FloatVector b0 = FloatVector.zero(LANES);
        FloatVector b1 = FloatVector.zero(LANES);
        FloatVector c0 = FloatVector.zero(LANES);
        FloatVector c1 = FloatVector.zero(LANES);
        FloatVector e0 = FloatVector.zero(LANES);
        FloatVector e1 = FloatVector.zero(LANES);
        int b = a + d;
        int c = b + d;
        int e = c + d;
        for (int j = 0; j < d; j++) {
            FloatVector p0 = FloatVector.fromArray(LANES, packed, column + j * PANEL);
            FloatVector p1 = FloatVector.fromArray(LANES, packed, column + j * PANEL + L);
            FloatVector value = FloatVector.broadcast(LANES, images[a + j]);
            a0 = a0.add(value.mul(p0));
            a1 = a1.add(value.mul(p1));
            value = FloatVector.broadcast(LANES, images[b + j]);
            b0 = b0.add(value.mul(p0));
            b1 = b1.add(value.mul(p1));
            value = FloatVector.broadcast(LANES, images[c + j]);
            c0 = c0.add(value.mul(p0));
            c1 = c1.add(value.mul(p1));
            value = FloatVector.broadcast(LANES, images[e + j]);
            e0 = e0.add(value.mul(p0));
            e1 = e1.add(value.mul(p1));
        }
        a0.intoArray(out, to);
        a1.intoArray(out, to + L);
        b0.intoArray(out, to + promptCount);
        b1.intoArray(out, to + promptCount + L);
        c0.intoArray(out, to + 2 * promptCount);
        c1.intoArray(out, to + 2 * promptCount + L);
        e0.intoArray(out, to + 3 * promptCount);
        e1.intoArray(out, to + 3 * promptCount + L);
    }

    /** One image, and as many of the prompts from {@code prompt} on as there are. */
    private static void one(
            float[] images,
            int image,
            float[] packed,
            int column,
            int d,
            float[] out,
            int row,
            int prompt,
            int count,
            float[] tail) {
        FloatVector s0 = FloatVector.zero(LANES);
        FloatVector s1 = FloatVector.zero(LANES);
        for (int j = 0; j < d; j++) {
            FloatVector value = FloatVector.broadcast(LANES, images[image + j]);
            s0 = s0.add(value.mul(FloatVector.fromArray(LANES, packed, column + j * PANEL)));
            s1 = s1.add(value.mul(FloatVector.fromArray(LANES, packed, column + j * PANEL + L)));
        }
        if (prompt + WIDTH <= count) {
            s0.intoArray(out, row + prompt);
            s1.intoArray(out, row + prompt + L);
        } else {
            s0.intoArray(tail, 0);
            s1.intoArray(tail, L);
            System.arraycopy(tail, 0, out, row + prompt, count - prompt);
        }
    }
}

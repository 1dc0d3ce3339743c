package dev.moderato.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** A lane is a prompt: four images times two vectors of prompts stay in registers while the sums run along d. */
final class VectorProducts implements Products {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
    private static final int L = LANES.length();
    private static final int BLOCK = 4;

    private VectorProducts() {}

    /** Vectors only where two of them divide a panel and are wider than what the plain loop has in flight. */
    static Products createIfWide() {
        return L >= 4 && PANEL % (2 * L) == 0 ? new VectorProducts() : new ScalarProducts();
    }

    @Override
    public void products(float[] images, int imageCount, float[] packed, int promptCount, int d, float[] out) {
        Products.check(images, imageCount, packed, promptCount, d, out);
        for (int prompt = 0; prompt < promptCount; prompt += 2 * L) {
            int column = prompt / PANEL * PANEL * d + prompt % PANEL;
            int image = 0;
            for (; image + BLOCK <= imageCount; image += BLOCK) {
                four(images, image * d, packed, column, d, out, image * promptCount + prompt, prompt, promptCount);
            }
            for (; image < imageCount; image++) {
                one(images, image * d, packed, column, d, out, image * promptCount + prompt, prompt, promptCount);
            }
        }
    }

    private static void four(
            float[] images, int image, float[] packed, int column, int d, float[] out, int to, int prompt, int count) {
        FloatVector a0 = FloatVector.zero(LANES);
        FloatVector a1 = FloatVector.zero(LANES);
        FloatVector b0 = FloatVector.zero(LANES);
        FloatVector b1 = FloatVector.zero(LANES);
        FloatVector c0 = FloatVector.zero(LANES);
        FloatVector c1 = FloatVector.zero(LANES);
        FloatVector e0 = FloatVector.zero(LANES);
        FloatVector e1 = FloatVector.zero(LANES);
        for (int j = 0; j < d; j++) {
            FloatVector p0 = FloatVector.fromArray(LANES, packed, column + j * PANEL);
            FloatVector p1 = FloatVector.fromArray(LANES, packed, column + j * PANEL + L);
            FloatVector a = FloatVector.broadcast(LANES, images[image + j]);
            a0 = a0.add(a.mul(p0));
            a1 = a1.add(a.mul(p1));
            FloatVector b = FloatVector.broadcast(LANES, images[image + d + j]);
            b0 = b0.add(b.mul(p0));
            b1 = b1.add(b.mul(p1));
            FloatVector c = FloatVector.broadcast(LANES, images[image + 2 * d + j]);
            c0 = c0.add(c.mul(p0));
            c1 = c1.add(c.mul(p1));
            FloatVector e = FloatVector.broadcast(LANES, images[image + 3 * d + j]);
            e0 = e0.add(e.mul(p0));
            e1 = e1.add(e.mul(p1));
        }
        store(a0, a1, out, to, prompt, count);
        store(b0, b1, out, to + count, prompt, count);
        store(c0, c1, out, to + 2 * count, prompt, count);
        store(e0, e1, out, to + 3 * count, prompt, count);
    }

    private static void one(
            float[] images, int image, float[] packed, int column, int d, float[] out, int to, int prompt, int count) {
        FloatVector s0 = FloatVector.zero(LANES);
        FloatVector s1 = FloatVector.zero(LANES);
        for (int j = 0; j < d; j++) {
            FloatVector value = FloatVector.broadcast(LANES, images[image + j]);
            s0 = s0.add(value.mul(FloatVector.fromArray(LANES, packed, column + j * PANEL)));
            s1 = s1.add(value.mul(FloatVector.fromArray(LANES, packed, column + j * PANEL + L)));
        }
        store(s0, s1, out, to, prompt, count);
    }

    private static void store(FloatVector low, FloatVector high, float[] out, int to, int prompt, int count) {
        if (prompt + 2 * L <= count) {
            low.intoArray(out, to);
            high.intoArray(out, to + L);
        } else {
            low.intoArray(out, to, LANES.indexInRange(prompt, count));
            if (prompt + L < count) {
                high.intoArray(out, to + L, LANES.indexInRange(prompt + L, count));
            }
        }
    }
}

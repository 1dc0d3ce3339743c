package dev.moderato.kernels;

/** Plain Java: eight prompts at a time, so that eight sums are in flight. */
final class ScalarProducts implements Products {
    private static final int GROUP = 8;

    @Override
    public void products(float[] images, int imageCount, float[] packed, int promptCount, int d, float[] out) {
        Products.check(images, imageCount, packed, promptCount, d, out);
        for (int image = 0; image < imageCount; image++) {
            for (int prompt = 0; prompt < promptCount; prompt += GROUP) {
                int column = prompt / PANEL * PANEL * d + prompt % PANEL;
                int wanted = Math.min(GROUP, promptCount - prompt);
                group(images, image * d, packed, column, d, out, image * promptCount + prompt, wanted);
            }
        }
    }

    private static void group(
            float[] images, int image, float[] packed, int column, int d, float[] out, int to, int wanted) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int j = 0; j < d; j++) {
            float value = images[image + j];
            int at = column + j * PANEL;
            s0 += value * packed[at];
            s1 += value * packed[at + 1];
            s2 += value * packed[at + 2];
            s3 += value * packed[at + 3];
            s4 += value * packed[at + 4];
            s5 += value * packed[at + 5];
            s6 += value * packed[at + 6];
            s7 += value * packed[at + 7];
        }
        switch (wanted) {
            case 8:
                out[to + 7] = s7;
            // fall through
            case 7:
                out[to + 6] = s6;
            // fall through
            case 6:
                out[to + 5] = s5;
            // fall through
            case 5:
                out[to + 4] = s4;
            // fall through
            case 4:
                out[to + 3] = s3;
            // fall through
            case 3:
                out[to + 2] = s2;
            // fall through
            case 2:
                out[to + 1] = s1;
            // fall through
            default:
                out[to] = s0;
        }
    }
}

package dev.moderato.inference.policy;

import dev.moderato.inference.clip.TextEncoder;
import java.util.List;
import java.util.Random;

/** Unit vectors drawn from each text's hash: as good as any encoder for what does not depend on meaning. */
final class SeededTexts implements TextEncoder {
    private final int size;
    int runs;

    SeededTexts(int size) {
        this.size = size;
    }

    @Override
    public int embeddingSize() {
        return size;
    }

    @Override
    public float[][] encode(List<String> texts) {
        runs++;
        return texts.stream()
                .map(text -> unit(new Random(text.hashCode()), size))
                .toArray(float[][]::new);
    }

    static float[] unit(Random random, int size) {
        double[] raw = new double[size];
        double squares = 0;
        for (int i = 0; i < size; i++) {
            raw[i] = random.nextGaussian();
            squares += raw[i] * raw[i];
        }
        float[] unit = new float[size];
        for (int i = 0; i < size; i++) {
            unit[i] = (float) (raw[i] / Math.sqrt(squares));
        }
        return unit;
    }
}

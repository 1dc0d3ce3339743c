package dev.moderato.cli.bench;

import dev.moderato.inference.clip.TextEncoder;
import java.util.List;
import java.util.SplittableRandom;

/** A random unit vector for each text, always the same one: enough to measure scoring, which does not care for meaning. */
record RandomTexts(int embeddingSize) implements TextEncoder {
    @Override
    public float[][] encode(List<String> texts) {
        return texts.stream().map(this::unit).toArray(float[][]::new);
    }

    private float[] unit(String text) {
        SplittableRandom random = new SplittableRandom(text.hashCode());
        float[] unit = new float[embeddingSize];
        double squares = 0;
        for (int i = 0; i < embeddingSize; i++) {
            unit[i] = (float) random.nextGaussian();
            squares += unit[i] * unit[i];
        }
        for (int i = 0; i < embeddingSize; i++) {
            unit[i] /= (float) Math.sqrt(squares);
        }
        return unit;
    }
}

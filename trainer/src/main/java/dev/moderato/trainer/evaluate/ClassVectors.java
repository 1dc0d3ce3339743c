package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.TextEncoder;
import java.util.Arrays;
import java.util.List;

/** CLIP's zero-shot classifier: one unit vector a class, the renormalised mean over templates × names. */
final class ClassVectors {
    private final float[][] vectors;

    private ClassVectors(float[][] vectors) {
        this.vectors = vectors;
    }

    /**
     * Encodes the names of all classes.
     *
     * @param templates each holds {@code {}} where a name goes
     * @param names of each class, at least one
     */
    static ClassVectors of(TextEncoder texts, List<String> templates, List<List<String>> names) {
        float[][] vectors = new float[names.size()][];
        for (int i = 0; i < vectors.length; i++) {
            List<String> filled = names.get(i).stream()
                    .flatMap(name -> templates.stream().map(template -> template.replace("{}", name)))
                    .toList();
            vectors[i] = mean(texts.encode(filled));
        }
        return new ClassVectors(vectors);
    }

    private static float[] mean(float[][] units) {
        float[] mean = new float[units[0].length];
        for (float[] unit : units) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += unit[i];
            }
        }
        double length = Math.sqrt(dot(mean, mean));
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= (float) length;
        }
        return mean;
    }

    /** The index of the class nearest to an image. */
    int nearest(float[] image) {
        return largest(cosines(image));
    }

    /** The index of the largest number, the first of equal ones. */
    static int largest(double[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[largest]) {
                largest = i;
            }
        }
        return largest;
    }

    /** How near each class is to an image. */
    double[] cosines(float[] image) {
        return Arrays.stream(vectors).mapToDouble(vector -> dot(vector, image)).toArray();
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}

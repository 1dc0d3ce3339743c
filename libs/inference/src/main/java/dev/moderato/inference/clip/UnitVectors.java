package dev.moderato.inference.clip;

/** Vectors to length 1. */
final class UnitVectors {
    private UnitVectors() {}

    /** Scales each vector in place to Euclidean length 1; a vector of zeros stays as it is. */
    static float[][] normalise(float[][] vectors) {
        for (int i = 0; i < vectors.length; i++) {
            requireFinite(vectors[i], i, vectors.length);
            normalise(vectors[i]);
        }
        return vectors;
    }

    static void normalise(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        if (squares > 0) {
            double length = Math.sqrt(squares);
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (vector[i] / length);
            }
        }
    }

    static void requireFinite(float[] vector, int index, int count) {
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw new EncoderException(
                        EncoderException.Kind.FAILED,
                        "embedding " + index + " of a batch of " + count
                                + " is not finite: the model's numbers overflow" + " (with fp16, try fp32)",
                        null);
            }
        }
    }

    static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}

package dev.moderato.trainer.scratch;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Draws initial weights: the same seed gives the same weights on every machine. */
final class Weights {
    private final RandomGenerator random;

    Weights(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    float[] normal(double deviation, long... shape) {
        float[] values = new float[size(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** He et al. 2015 for a convolution (out, in, height, width) that a ReLU follows, by its outgoing connections. */
    float[] he(long... shape) {
        return normal(Math.sqrt(2.0 / (shape[0] * shape[2] * shape[3])), shape);
    }

    static float[] filled(float value, int size) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return values;
    }

    private static int size(long... shape) {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }
}

package dev.moderato.trainer.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.trainer.recipe.Recipe;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** One number w of a matrix and one b of a vector, with the gradients 2w and 2b, against the formulas. */
@SuppressWarnings("try") // a PointerScope is used by being open
class OptimizersTest {
    private static final double RATE = 0.1;
    private static final double DECAY = 0.5;

    @Test
    void sgdHasMomentumAndDecaysMatricesAlone() {
        double w = 1;
        double b = 1;
        double velocityW = 0;
        double velocityB = 0;
        for (int step = 0; step < 3; step++) {
            velocityW = 0.9 * velocityW + 2 * w + DECAY * w;
            velocityB = 0.9 * velocityB + 2 * b;
            w -= RATE * velocityW;
            b -= RATE * velocityB;
        }
        assertUpdates(new Sgd(0.9, DECAY), w, b);
    }

    @Test
    void adamwDecaysMatricesBesideTheGradient() {
        double[] moments = new double[4];
        double w = 1;
        double b = 1;
        for (int step = 1; step <= 3; step++) {
            w *= 1 - RATE * DECAY;
            double gradientW = 2 * w / (1 - RATE * DECAY);
            w -= adam(moments, 0, gradientW, step);
            b -= adam(moments, 2, 2 * b, step);
        }
        assertUpdates(new AdamW(0.9, 0.99, 1e-6, DECAY), w, b);
    }

    private static double adam(double[] moments, int at, double gradient, int step) {
        moments[at] = 0.9 * moments[at] + 0.1 * gradient;
        moments[at + 1] = 0.99 * moments[at + 1] + 0.01 * gradient * gradient;
        double mean = moments[at] / (1 - Math.pow(0.9, step));
        double square = moments[at + 1] / (1 - Math.pow(0.99, step));
        return RATE * mean / (Math.sqrt(square) + 1e-6);
    }

    private static void assertUpdates(Optimizer optimizer, double w, double b) {
        try (PointerScope scope = new PointerScope()) {
            Tensor matrix = Tensors.of(new float[] {1}, 1, 1).set_requires_grad(true);
            Tensor vector = Tensors.of(new float[] {1}, 1).set_requires_grad(true);
            List<Parameter> parameters = List.of(new Parameter("w", matrix, 0), new Parameter("b", vector, 1));
            for (int step = 1; step <= 3; step++) {
                int number = step;
                torch.add(torch.sum(torch.mul(matrix, matrix)), torch.sum(torch.mul(vector, vector)))
                        .backward();
                Tensors.withoutGradient(() -> {
                    optimizer.update(parameters, RATE, number);
                    return true;
                });
                parameters.forEach(p -> p.value().mutable_grad().reset());
            }
            assertThat((double) Tensors.floats(matrix)[0]).isCloseTo(w, within(1e-5));
            assertThat((double) Tensors.floats(vector)[0]).isCloseTo(b, within(1e-5));
            optimizer.state().values().forEach(Tensor::releaseReference);
        }
    }

    @Test
    void warmsUpAndThenFallsAlongACosine() {
        LearningRate rate = new LearningRate(1, Recipe.Schedule.COSINE, 2, 12);
        assertThat(rate.at(0)).isEqualTo(0.5);
        assertThat(rate.at(1)).isEqualTo(1);
        assertThat(rate.at(7)).isCloseTo(0.5, within(1e-12));
        assertThat(rate.at(11)).isBetween(0.0, 0.05);
        assertThat(new LearningRate(1, Recipe.Schedule.CONSTANT, 0, 12).at(11)).isEqualTo(1);
    }
}

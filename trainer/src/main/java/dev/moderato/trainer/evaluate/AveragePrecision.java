package dev.moderato.trainer.evaluate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Average precision: the mean, over the images that have the label, of the precision among all that score at least as high. */
public final class AveragePrecision {
    private static final int RESAMPLES = 2000;
    private static final long SEED = 6;

    private AveragePrecision() {}

    /**
     * An image of one label under both models.
     *
     * @param before its score by the model that serves, 0 to 1
     * @param after its score by the candidate
     */
    public record Scored(String id, String label, boolean present, double before, double after) {}

    /**
     * A difference and what it may really be: the middle 95% of the differences over resampled images (paired bootstrap).
     *
     * @param before 0 to 1
     * @param after 0 to 1
     */
    public record Gain(double before, double after, double low, double high) {}

    /** Of all images together; 0 where none has the label. Images of equal score share the precision of the last of them. */
    static double of(List<Scored> images, ToDoubleFunction<Scored> score) {
        List<Scored> falling = images.stream()
                .sorted(Comparator.comparingDouble(score).reversed())
                .toList();
        double sum = 0;
        int hits = 0;
        int waiting = 0;
        for (int i = 0; i < falling.size(); i++) {
            waiting += falling.get(i).present() ? 1 : 0;
            boolean lastOfItsScore = i + 1 == falling.size()
                    || score.applyAsDouble(falling.get(i + 1)) < score.applyAsDouble(falling.get(i));
            if (lastOfItsScore) {
                hits += waiting;
                sum += waiting * (double) hits / (i + 1);
                waiting = 0;
            }
        }
        return hits == 0 ? 0 : sum / hits;
    }

    /** By how much the candidate is better. */
    static Gain gain(List<Scored> images) {
        Random random = new Random(SEED);
        double[] gains = new double[RESAMPLES];
        for (int round = 0; round < RESAMPLES; round++) {
            List<Scored> resample = random.ints(images.size(), 0, images.size())
                    .mapToObj(images::get)
                    .toList();
            gains[round] = of(resample, Scored::after) - of(resample, Scored::before);
        }
        Arrays.sort(gains);
        return new Gain(
                of(images, Scored::before),
                of(images, Scored::after),
                gains[(int) (RESAMPLES * 0.025)],
                gains[(int) (RESAMPLES * 0.975)]);
    }
}

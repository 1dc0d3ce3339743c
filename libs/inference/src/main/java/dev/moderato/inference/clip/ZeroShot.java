package dev.moderato.inference.clip;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's zero-shot classification (Radford et al. 2021, section 3.1): a class is the renormalised mean of the unit
 * embeddings of every template filled with each of its names; probabilities are the softmax over
 * {@code logit scale · cosine}, or for a model with a bias the sigmoid of {@code logit scale · cosine + bias} for each class
 * by itself.
 */
public final class ZeroShot {
    /** What a template has where the name goes. */
    public static final String SLOT = "{}";

    private final List<String> labels;
    private final float[][] classes;
    private final double scale;
    private final @Nullable Double bias;

    private ZeroShot(List<String> labels, float[][] classes, double scale, @Nullable Double bias) {
        this.labels = labels;
        this.classes = classes;
        this.scale = scale;
        this.bias = bias;
    }

    /** Probabilities and cosines by label, in the order of the labels. */
    public record Classification(Map<String, Double> scores, Map<String, Double> cosines) {}

    /**
     * Encodes the classes.
     *
     * @param names the names of each label, at least one each; labels keep the map's order
     * @param templates each with one {@value #SLOT}, at least one; {@value #SLOT} alone is the name as it stands
     */
    public static ZeroShot of(ClipModel model, Map<String, List<String>> names, List<String> templates) {
        if (names.isEmpty() || templates.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one label and one template");
        }
        float[][] classes = new float[names.size()][];
        List<String> labels = List.copyOf(names.keySet());
        for (int i = 0; i < classes.length; i++) {
            classes[i] = classVector(model.texts(), names.getOrDefault(labels.get(i), List.of()), templates);
        }
        return new ZeroShot(
                labels, classes, model.bundle().logitScale(), model.bundle().logitBias());
    }

    private static float[] classVector(TextEncoder encoder, List<String> names, List<String> templates) {
        List<String> texts = new ArrayList<>();
        for (String name : names) {
            for (String template : templates) {
                texts.add(template.replace(SLOT, name));
            }
        }
        double[] sum = new double[encoder.embeddingSize()];
        for (float[] embedding : encoder.encode(texts)) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += embedding[i];
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / texts.size());
        }
        UnitVectors.normalise(mean);
        return mean;
    }

    /** @param image a unit embedding of the same model */
    public Classification classify(float[] image) {
        double[] cosines = new double[classes.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = UnitVectors.dot(image, classes[i]);
            largest = Math.max(largest, cosines[i]);
        }
        double[] scores = new double[cosines.length];
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = bias == null
                    ? Math.exp(scale * (cosines[i] - largest))
                    : 1 / (1 + Math.exp(-(scale * cosines[i] + bias)));
            sum += scores[i];
        }
        Map<String, Double> byLabel = new LinkedHashMap<>();
        Map<String, Double> cosineByLabel = new LinkedHashMap<>();
        for (int i = 0; i < scores.length; i++) {
            byLabel.put(labels.get(i), bias == null ? scores[i] / sum : scores[i]);
            cosineByLabel.put(labels.get(i), cosines[i]);
        }
        return new Classification(byLabel, cosineByLabel);
    }
}

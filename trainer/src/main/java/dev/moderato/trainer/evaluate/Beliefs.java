package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.policy.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the serving model believes images to show, where nobody said: its softmax over the policy's texts, a label's prompts taken
 * together. Another model's accuracy on them is what the serving model would expect it to be. So a change of mind costs what was
 * believed: nearly 1 where the serving model was sure, nearly nothing where it was torn.
 */
final class Beliefs {
    private final Policy policy;
    private final List<String> texts;
    /** By text. */
    private final int[] groups;

    private final List<Path> images;
    /** By image, then group; each sums to 1. */
    private final List<double[]> believed = new ArrayList<>();

    /** @param flagged labels that are left out, for what is said of those is to change */
    Beliefs(ClipModel serving, Policy policy, Set<String> flagged, List<Path> images) throws IOException {
        this.policy = policy;
        this.images = List.copyOf(images);
        this.texts = Evaluator.allTexts(policy).stream()
                .filter(text -> !flagged.contains(Captioner.group(policy, text)))
                .toList();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        this.groups = texts.stream()
                .mapToInt(text -> numbers.computeIfAbsent(Captioner.group(policy, text), name -> numbers.size()))
                .toArray();
        ClassVectors vectors = vectors(serving.texts());
        Judge judge = new Judge(serving, policy);
        for (Path image : images) {
            believed.add(softmax(
                    vectors.cosines(judge.embed(image)), serving.bundle().logitScale(), numbers.size()));
        }
    }

    private ClassVectors vectors(TextEncoder encoder) {
        return ClassVectors.of(
                encoder, policy.templates(), texts.stream().map(List::of).toList());
    }

    private double[] softmax(double[] cosines, double scale, int size) {
        double[] shares = new double[size];
        double sum = 0;
        for (int i = 0; i < cosines.length; i++) {
            double weight = Math.exp(scale * (cosines[i] - 1));
            shares[groups[i]] += weight;
            sum += weight;
        }
        for (int i = 0; i < size; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    /** The accuracy that the serving model expects of itself, and of another. */
    Evaluation.Retention of(Judge other, TextEncoder encoder) throws IOException {
        ClassVectors vectors = vectors(encoder);
        double before = 0;
        double after = 0;
        for (int i = 0; i < images.size(); i++) {
            double[] shares = believed.get(i);
            before += shares[ClassVectors.largest(shares)];
            after += shares[groups[vectors.nearest(other.embed(images.get(i)))]];
        }
        double n = Math.max(1, images.size());
        return new Evaluation.Retention(
                "what the serving model believes of unflagged images", images.size(), before / n, after / n);
    }
}

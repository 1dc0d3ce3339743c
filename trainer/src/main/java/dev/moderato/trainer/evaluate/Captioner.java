package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.policy.Label;
import dev.moderato.inference.policy.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Names an image of which nobody said what it shows: by the nearest of the policy's texts that may be right, as the serving model sees
 * it. So an image on which a label is wrong learns to be what it was nearest to besides, and an unflagged one stays what it was.
 */
public final class Captioner {
    private final ClipModel model;
    private final Policy policy;
    private final Judge judge;
    /** By the label that is wrong; "" for none. */
    private final Map<String, Choice> choices = new HashMap<>();

    private record Choice(List<String> texts, ClassVectors vectors) {}

    public Captioner(ClipModel model, Policy policy) {
        this.model = model;
        this.policy = policy;
        this.judge = new Judge(model, policy);
    }

    /**
     * What an image is called.
     *
     * @param caption the text in one of the policy's templates
     * @param group the label that the text is a prompt of, else the text
     */
    public record Name(String caption, String group) {}

    /**
     * Names an image.
     *
     * @param sha256 of the image, which picks the template
     * @param absent a label that is wrong for the image; null where none is known to be
     */
    public Name name(Path image, String sha256, @Nullable String absent) throws IOException {
        Choice choice = choices.computeIfAbsent(absent == null ? "" : absent, unused -> choice(absent));
        String nearest = choice.texts().get(choice.vectors().nearest(judge.embed(image)));
        int template = Integer.parseInt(sha256.substring(sha256.length() - 6), 16)
                % policy.templates().size();
        return new Name(policy.templates().get(template).replace("{}", nearest), group(policy, nearest));
    }

    /** The first label that a text is a prompt of; the text itself where it is none's. */
    static String group(Policy policy, String text) {
        return policy.labels().stream()
                .filter(label -> label.prompts().contains(text))
                .map(Label::name)
                .findFirst()
                .orElse(text);
    }

    private Choice choice(@Nullable String absent) {
        List<String> texts = candidates(absent);
        return new Choice(
                texts,
                ClassVectors.of(
                        model.texts(),
                        policy.templates(),
                        texts.stream().map(List::of).toList()));
    }

    private List<String> candidates(@Nullable String absent) {
        if (absent == null) {
            return Evaluator.allTexts(policy);
        }
        TreeSet<String> texts = new TreeSet<>(policy.neutral());
        Label wrong = policy.label(absent);
        if (wrong != null) {
            texts.addAll(wrong.negatives());
            texts.removeAll(wrong.prompts());
        }
        return List.copyOf(texts);
    }
}

package dev.moderato.inference.policy;

import org.jspecify.annotations.Nullable;

/**
 * How one label of a policy judged one image. The explanation is the score: {@code score = sigmoid(a · s · margin + b)}
 * with s the model's logit scale and (a, b) the label's calibration for that model.
 *
 * @param score in [0, 1]
 * @param review threshold from which the label asks for a review, in [0, 1]; null on a group
 * @param block threshold from which the label blocks, in [0, 1]; null where it never does
 * @param outcome what this label alone asks for; ALLOW on a group
 * @param action what to do at that outcome, as {@link Rule#action} names it; null on a group
 * @param shadow scored and reported, never decides
 * @param winningPrompt the label's prompt that is nearest to the image; a group reports its strongest label's
 * @param nearestNeutral the neutral prompt or negative that is nearest to the image
 * @param margin cosine of the winning prompt less cosine of the nearest neutral, in [-2, 2]
 * @param calibrated whether (a, b) was fitted for this model, else (1, 0)
 */
public record LabelScore(
        String label,
        double score,
        @Nullable Double review,
        @Nullable Double block,
        Verdict outcome,
        @Nullable String action,
        boolean group,
        boolean shadow,
        String winningPrompt,
        String nearestNeutral,
        double margin,
        boolean calibrated) {}

package dev.moderato.inference.policy;

import java.util.List;
import java.util.Map;

/**
 * Something that a policy looks for.
 *
 * @param name dotted: {@code weapons.knife} lies in the group {@code weapons}
 * @param prompts what an image of it shows, at least one
 * @param negatives what resembles it but is not meant
 * @param rule what its score leads to where no surface overrides it
 * @param shadow scored and reported, never decides
 * @param calibration by model bundle id
 */
public record Label(
        String name,
        String description,
        List<String> prompts,
        List<String> negatives,
        Rule rule,
        boolean shadow,
        Map<String, Calibration> calibration) {
    public Label {
        prompts = List.copyOf(prompts);
        negatives = List.copyOf(negatives);
        calibration = Map.copyOf(calibration);
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("label " + name + " has no prompt");
        }
    }
}

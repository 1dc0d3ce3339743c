package dev.moderato.inference.policy;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An example that a policy file names for itself.
 *
 * @param image path, relative to the policy file
 * @param surface null: the policy without a surface
 * @param verdict the expected verdict of the whole image; null where only labels are expected
 * @param labels the expected outcome by label; a group's outcome is the most severe of its live labels'
 */
public record PolicyTest(
        String image, @Nullable String surface, @Nullable Verdict verdict, Map<String, Verdict> labels) {
    public PolicyTest {
        labels = Map.copyOf(labels);
    }
}

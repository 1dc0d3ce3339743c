package dev.moderato.trainer.publish;

import dev.moderato.inference.policy.Label;
import dev.moderato.inference.policy.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the labels whose scores would lose their calibration with another bundle. */
public final class Uncalibrated {
    private Uncalibrated() {}

    /**
     * The labels of a policy that are calibrated for the one bundle and not for the other.
     *
     * @param parent id of the bundle that served; null for none
     */
    public static List<String> labels(Policy policy, @Nullable String parent, String next) {
        return policy.labels().stream()
                .filter(label -> parent != null
                        && label.calibration().containsKey(parent)
                        && !label.calibration().containsKey(next))
                .map(Label::name)
                .toList();
    }
}

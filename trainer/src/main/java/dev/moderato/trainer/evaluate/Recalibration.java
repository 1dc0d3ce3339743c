package dev.moderato.trainer.evaluate;

import dev.moderato.inference.policy.Calibration;
import dev.moderato.inference.policy.Label;
import dev.moderato.inference.policy.Policy;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The calibration that a candidate takes over: a label keeps its parent's entry, for the anchor holds embeddings where they were. One
 * that was not calibrated stays so.
 */
public final class Recalibration {
    private Recalibration() {}

    /**
     * The entries that a policy lacks for a bundle and has for its parent, by label.
     *
     * @param parent id of what the bundle was trained from; null for nothing
     */
    public static Map<String, Calibration> missing(Policy policy, @Nullable String parent, String bundle) {
        Map<String, Calibration> entries = new TreeMap<>();
        for (Label label : policy.labels()) {
            Calibration entry = parent == null ? null : label.calibration().get(parent);
            if (entry != null && !label.calibration().containsKey(bundle)) {
                entries.put(label.name(), entry);
            }
        }
        return entries;
    }
}

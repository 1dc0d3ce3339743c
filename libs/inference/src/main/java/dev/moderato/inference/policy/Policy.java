package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A valid policy, all inheritance resolved. Made by {@link PolicyParser}.
 *
 * @param version hash of the meaning: equal versions score every image alike
 * @param templates each holds {@code {}} where the prompt goes, at least one
 * @param neutral what innocuous images show; the contrast of every label
 * @param labels in the file's order, at least one
 * @param surfaces by name, in the file's order: the rule of every label there
 * @param tests the file's own examples
 */
public record Policy(
        String name,
        String version,
        String description,
        List<String> templates,
        List<String> neutral,
        List<Label> labels,
        Map<String, Map<String, Rule>> surfaces,
        List<PolicyTest> tests) {
    public Policy {
        templates = List.copyOf(templates);
        neutral = List.copyOf(neutral);
        labels = List.copyOf(labels);
        surfaces = Collections.unmodifiableMap(new LinkedHashMap<>(surfaces));
        tests = List.copyOf(tests);
    }

    /** The label of this name, or null. */
    public @Nullable Label label(String labelName) {
        for (Label label : labels) {
            if (label.name().equals(labelName)) {
                return label;
            }
        }
        return null;
    }

    /** The labels that are calibrated, but not for this model bundle: under it their scores mean something else. */
    public List<String> uncalibrated(String modelId) {
        return labels.stream()
                .filter(label ->
                        !label.calibration().isEmpty() && !label.calibration().containsKey(modelId))
                .map(Label::name)
                .toList();
    }

    /**
     * The same with calibration entries for one bundle besides, in place of those that it may have.
     *
     * @param entries by label; labels that are not the policy's are left out
     */
    public Policy calibrated(String bundleId, Map<String, Calibration> entries) {
        List<Label> with = labels.stream()
                .map(label -> {
                    Calibration entry = entries.get(label.name());
                    Map<String, Calibration> all = new TreeMap<>(label.calibration());
                    if (entry != null) {
                        all.put(bundleId, entry);
                    }
                    return new Label(
                            label.name(),
                            label.description(),
                            label.prompts(),
                            label.negatives(),
                            label.rule(),
                            label.shadow(),
                            all);
                })
                .toList();
        return new Policy(
                name,
                PolicyVersion.of(name, templates, neutral, with, surfaces),
                description,
                templates,
                neutral,
                with,
                surfaces,
                tests);
    }

    /** Labels and, each before the first of its labels, the groups they form. */
    public List<String> labelsAndGroups() {
        Set<String> own = new LinkedHashSet<>();
        labels.forEach(label -> own.add(label.name()));
        Set<String> names = new LinkedHashSet<>();
        for (Label label : labels) {
            for (String prefix : prefixes(label.name())) {
                if (!own.contains(prefix)) {
                    names.add(prefix);
                }
            }
            names.add(label.name());
        }
        return new ArrayList<>(names);
    }

    /** Whether {@code group} is a dotted prefix of {@code label}. */
    static boolean contains(String group, String label) {
        return label.length() > group.length() && label.startsWith(group) && label.charAt(group.length()) == '.';
    }

    /** The proper dotted prefixes of a label, shortest first. */
    static List<String> prefixes(String label) {
        List<String> prefixes = new ArrayList<>();
        for (int dot = label.indexOf('.'); dot >= 0; dot = label.indexOf('.', dot + 1)) {
            prefixes.add(label.substring(0, dot));
        }
        return prefixes;
    }
}

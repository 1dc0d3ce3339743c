package dev.moderato.inference.policy;

import dev.moderato.inference.policy.Draft.LabelDraft;
import dev.moderato.inference.policy.Draft.OverrideDraft;
import dev.moderato.inference.policy.Draft.RuleDraft;
import dev.moderato.inference.policy.Draft.SurfaceDraft;
import dev.moderato.inference.policy.Draft.TestDraft;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Resolves a draft's inheritance and checks that its parts fit together. Each threshold and action is taken from the
 * most specific place that sets it: the surface's entry for the label, the surface's entries for its groups (longest
 * first), the label, the policy.
 */
final class PolicyMerger {
    private final Draft draft;
    private final List<Diagnostic> found;
    /** The labels with prompts. */
    private final Map<String, LabelDraft> labels = new LinkedHashMap<>();

    private final Set<String> groups = new LinkedHashSet<>();
    /** Labels whose prompts could not be read: they can be referred to, and are not complained of twice. */
    private final Set<String> broken = new LinkedHashSet<>();

    PolicyMerger(Draft draft, List<Diagnostic> found) {
        this.draft = draft;
        this.found = found;
    }

    /** The policy; of use only where {@code found} got no error. */
    Policy merge() {
        collectLabels();
        List<Label> merged = new ArrayList<>();
        for (LabelDraft label : labels.values()) {
            checkContrast(label);
            Rule rule = label.rule().rule().over(draft.rule().rule());
            checkOrder(
                    rule,
                    List.of(label.rule(), draft.rule()),
                    "label " + label.name().value());
            merged.add(new Label(
                    label.name().value(),
                    label.description(),
                    values(label.prompts()),
                    values(label.negatives()),
                    rule,
                    label.shadow() != null && label.shadow().value(),
                    calibration(label)));
        }
        Map<String, Map<String, Rule>> surfaces = surfaces(merged);
        List<PolicyTest> tests = draft.tests().stream().map(this::test).toList();
        List<String> templates = values(draft.templates());
        List<String> neutral = values(draft.neutral());
        String version = PolicyVersion.of(draft.name().value(), templates, neutral, merged, surfaces);
        return new Policy(
                draft.name().value(), version, draft.description(), templates, neutral, merged, surfaces, tests);
    }

    private void collectLabels() {
        for (LabelDraft label : draft.labels()) {
            groups.addAll(Policy.prefixes(label.name().value()));
        }
        for (LabelDraft label : draft.labels()) {
            String name = label.name().value();
            if (!label.prompts().isEmpty()) {
                labels.put(name, label);
                continue;
            }
            if (!label.complete()) {
                broken.add(name);
            } else if (!groups.contains(name)) {
                error(label.name(), "label " + name + " has no prompts: add `prompts: [\"…\"]`");
            } else if (!label.negatives().isEmpty()
                    || !label.rule().isEmpty()
                    || label.shadow() != null
                    || !label.calibration().isEmpty()) {
                error(
                        label.name(),
                        name + " has no prompts, so it is a group and takes only a description: give it prompts, or set"
                                + " the rest on its labels");
            }
        }
        groups.removeAll(labels.keySet());
        groups.removeAll(broken);
    }

    private void checkContrast(LabelDraft label) {
        if (draft.complete()
                && label.complete()
                && draft.neutral().isEmpty()
                && label.negatives().isEmpty()) {
            error(
                    label.name(),
                    "label " + label.name().value()
                            + " has nothing to be compared with: add `neutral:` to the policy or"
                            + " `negatives:` to the label");
        }
    }

    /** Reports where a review threshold lies above the block threshold, at the most specific of the two places. */
    private void checkOrder(Rule rule, List<RuleDraft> places, String what) {
        if (rule.review() == null || rule.block() == null || rule.review() <= rule.block()) {
            return;
        }
        for (RuleDraft place : places) {
            Located<Double> at = place.block() != null ? place.block() : place.review();
            if (at != null) {
                error(
                        at,
                        "thresholds of " + what + " are out of order: review " + rule.review() + " is above block "
                                + rule.block() + ", so no image would be reviewed: lower review or raise block");
                return;
            }
        }
    }

    private Map<String, Map<String, Rule>> surfaces(List<Label> merged) {
        Map<String, Map<String, Rule>> surfaces = new LinkedHashMap<>();
        for (SurfaceDraft surface : draft.surfaces()) {
            Map<String, OverrideDraft> overrides = new HashMap<>();
            for (OverrideDraft override : surface.overrides()) {
                if (known(override.label(), "on surface " + surface.name().value())) {
                    overrides.put(override.label().value(), override);
                }
            }
            Map<String, Rule> rules = new LinkedHashMap<>();
            for (Label label : merged) {
                rules.put(label.name(), onSurface(label, surface, overrides));
            }
            surfaces.put(surface.name().value(), rules);
        }
        return surfaces;
    }

    private Rule onSurface(Label label, SurfaceDraft surface, Map<String, OverrideDraft> overrides) {
        Rule rule = label.rule();
        List<RuleDraft> places = new ArrayList<>();
        List<String> names = new ArrayList<>(Policy.prefixes(label.name()));
        names.removeAll(labels.keySet());
        names.add(label.name());
        for (String name : names) {
            OverrideDraft override = overrides.get(name);
            if (override != null) {
                rule = override.rule().rule().over(rule);
                places.add(0, override.rule());
            }
        }
        checkOrder(rule, places, label.name() + " on surface " + surface.name().value());
        return rule;
    }

    private PolicyTest test(TestDraft test) {
        Located<String> surface = test.surface();
        List<String> surfaces =
                draft.surfaces().stream().map(known -> known.name().value()).toList();
        if (surface != null && !surfaces.contains(surface.value())) {
            error(
                    surface,
                    "unknown surface '" + surface.value() + "' in a test" + Nearest.advice(surface.value(), surfaces));
        }
        Map<String, Verdict> expected = new LinkedHashMap<>();
        for (Draft.Expectation expectation : test.labels()) {
            if (known(expectation.label(), "in a test")) {
                expected.put(expectation.label().value(), expectation.outcome());
            }
        }
        return new PolicyTest(
                test.image().value(),
                surface == null ? null : surface.value(),
                test.verdict() == null ? null : test.verdict().value(),
                expected);
    }

    private boolean known(Located<String> label, String where) {
        Set<String> names = new LinkedHashSet<>(labels.keySet());
        names.addAll(groups);
        names.addAll(broken);
        if (names.contains(label.value())) {
            return true;
        }
        error(label, "unknown label '" + label.value() + "' " + where + Nearest.advice(label.value(), names));
        return false;
    }

    private static Map<String, Calibration> calibration(LabelDraft label) {
        Map<String, Calibration> calibration = new LinkedHashMap<>();
        label.calibration().forEach((bundle, entry) -> calibration.put(bundle, entry.value()));
        return calibration;
    }

    private static List<String> values(List<Located<String>> located) {
        return located.stream().map(Located::value).toList();
    }

    private void error(Located<?> at, String message) {
        found.add(at.at().error(message));
    }
}

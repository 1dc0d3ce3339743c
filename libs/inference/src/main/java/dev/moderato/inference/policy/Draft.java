package dev.moderato.inference.policy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A policy file as it was written: every value with its place, nothing merged, nothing checked across places.
 *
 * @param complete whether the keys and the neutral prompts were read without an error, so that what is missing is not there
 */
record Draft(
        Located<String> name,
        String description,
        List<Located<String>> templates,
        List<Located<String>> neutral,
        RuleDraft rule,
        List<LabelDraft> labels,
        List<SurfaceDraft> surfaces,
        List<TestDraft> tests,
        boolean complete) {

    record RuleDraft(
            @Nullable Located<Double> review,
            @Nullable Located<Double> block,
            @Nullable Located<String> reviewAction,
            @Nullable Located<String> blockAction) {
        static final RuleDraft NONE = new RuleDraft(null, null, null, null);

        Rule rule() {
            return new Rule(value(review), value(block), value(reviewAction), value(blockAction));
        }

        boolean isEmpty() {
            return review == null && block == null && reviewAction == null && blockAction == null;
        }

        private static <T> @Nullable T value(@Nullable Located<T> located) {
            return located == null ? null : located.value();
        }
    }

    record LabelDraft(
            Located<String> name,
            String description,
            List<Located<String>> prompts,
            List<Located<String>> negatives,
            RuleDraft rule,
            @Nullable Located<Boolean> shadow,
            Map<String, Located<Calibration>> calibration,
            boolean complete) {}

    record SurfaceDraft(Located<String> name, List<OverrideDraft> overrides) {}

    record OverrideDraft(Located<String> label, RuleDraft rule) {}

    record TestDraft(
            Located<String> image,
            @Nullable Located<String> surface,
            @Nullable Located<Verdict> verdict,
            List<Expectation> labels) {}

    record Expectation(Located<String> label, Verdict outcome) {}
}

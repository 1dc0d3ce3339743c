package dev.moderato.inference.policy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Policy texts for tests. */
final class PolicyFiles {
    static final String KNIFE = """
            # who may see what
            policy: default
            description: the usual
            templates: ["a photo of {}.", "a drawing of {}."]
            neutral: ["a person smiling", "a landscape"]
            labels:
              weapons.knife:
                prompts: ["a knife", "a dagger"]
                negatives: ["a spoon", "a kitchen table"]
                thresholds: {review: 0.55, block: 0.85}
                actions: {review: "queue:weapons", block: hide}
                mode: live
                calibration: {demo-v1: {a: 1.3, b: -0.4, n: 812}}
              weapons.gun:
                prompts: ["a gun"]
                thresholds: {block: 0.9}
              smoking:
                prompts: ["a cigarette"]
                thresholds: {review: 0.5}
                mode: shadow
            surfaces:
              avatar:
                weapons.knife: {thresholds: {block: 0.7}}
            tests:
              - {image: examples/knife-01.jpg, surface: avatar, expect: {weapons.knife: block, smoking: allow}}
              - {image: examples/tree.jpg, expect: allow}
            """;

    static final Templates TEMPLATES =
            templates(Map.of("photo", "# ours\n- \"a photo of {}.\"\n- \"a drawing of {}.\"\n"));

    private PolicyFiles() {}

    static ParsedPolicy parse(String text) {
        return PolicyParser.parse(text, "p.yaml", TEMPLATES);
    }

    static Policy policy(String text) {
        return parse(text).orElseThrow();
    }

    static List<String> messages(String text) {
        return parse(text).diagnostics().stream().map(Diagnostic::toString).toList();
    }

    static Templates templates(Map<String, String> lists) {
        return new Templates() {
            @Override
            public @Nullable Source find(String name) {
                String text = lists.get(name);
                return text == null ? null : new Source("templates/" + name + ".yaml", text);
            }

            @Override
            public List<String> names() {
                return lists.keySet().stream().sorted().toList();
            }
        };
    }
}

package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static dev.moderato.inference.policy.PolicyFiles.TEMPLATES;
import static dev.moderato.inference.policy.PolicyFiles.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyEditTest {
    private static final Calibration FIT = new Calibration(1.23456789, -0.5, 42);

    private static String calibrate(String text, String label, String bundle) {
        String edited = PolicyEdit.calibrate(text, TEMPLATES, label, bundle, FIT);
        assertThat(policy(edited).label(label)).isNotNull();
        return edited;
    }

    @Test
    void replacesAnEntryNumberByNumber() {
        assertThat(calibrate(KNIFE, "weapons.knife", "demo-v1"))
                .isEqualTo(KNIFE.replace("a: 1.3, b: -0.4, n: 812", "a: 1.23457, b: -0.5, n: 42"));
    }

    @Test
    void addsAnotherBundlesEntry() {
        assertThat(calibrate(KNIFE, "weapons.knife", "vit-b/32"))
                .isEqualTo(KNIFE.replace("{demo-v1:", "{\"vit-b/32\": {a: 1.23457, b: -0.5, n: 42}, demo-v1:"));
    }

    @Test
    void addsTheFirstEntryBehindTheLabelsLastLineAndItsComment() {
        String text = """
                policy: p
                neutral: ["a tree"]
                labels:
                    knife:   # sharp
                        prompts:
                            - "a knife"   # the kitchen kind 🔪
                            - a dagger    # and the other

                # what follows
                    gun: {prompts: ["a gun"]}
                """;

        assertThat(calibrate(text, "knife", "demo-v1"))
                .isEqualTo(text.replace(
                        "# and the other\n",
                        "# and the other\n        calibration: {demo-v1: {a: 1.23457, b: -0.5, n: 42}}\n"));
        assertThat(calibrate(text, "gun", "demo-v1"))
                .isEqualTo(text.replace(
                        "[\"a gun\"]}", "[\"a gun\"], calibration: {demo-v1: {a: 1.23457, b: -0.5, n: 42}}}"));
    }

    @Test
    void addsToABlockAndAtTheEndOfAFileWithoutALineBreak() {
        String text = """
                policy: p
                neutral: ["a tree"]
                labels:
                  knife:
                    prompts: ["a knife"]
                    calibration:
                      old: # the first model
                        a: 2
                        b: 1
                  gun:
                    prompts: ["a gun"]
                    thresholds:
                      block: 0.5""";

        assertThat(calibrate(text, "knife", "new"))
                .isEqualTo(text.replace("      old:", "      new: {a: 1.23457, b: -0.5, n: 42}\n      old:"));
        assertThat(calibrate(text, "knife", "old"))
                .isEqualTo(text.replace("a: 2", "a: 1.23457").replace("b: 1", "b: -0.5"));
        assertThat(calibrate(text, "gun", "new"))
                .isEqualTo(text + "\n    calibration: {new: {a: 1.23457, b: -0.5, n: 42}}\n");
    }

    @Test
    void onlyTheCalibrationChanges() {
        Policy edited = policy(calibrate(KNIFE, "smoking", "demo-v1"));

        assertThat(edited.labels().get(2).calibration())
                .isEqualTo(Map.of("demo-v1", new Calibration(1.23457, -0.5, 42)));
        assertThat(edited.labels().subList(0, 2))
                .isEqualTo(policy(KNIFE).labels().subList(0, 2));
        assertThat(edited.version()).isNotEqualTo(policy(KNIFE).version());
    }

    @Test
    void refusesAnUnknownLabelAndABrokenFile() {
        assertThatThrownBy(() -> calibrate(KNIFE, "weapons", "m")).hasMessage("the policy has no label weapons");
        assertThatThrownBy(() -> calibrate("labels: 7", "weapons", "m")).hasMessageContaining("policy:1:9: error:");
    }

    @Test
    void aSelfContainedTextHasTheSameMeaningWithoutTemplateFiles() {
        String named = KNIFE.replace("[\"a photo of {}.\", \"a drawing of {}.\"]", "photo   # ours");

        String contained = PolicyEdit.selfContained(named, TEMPLATES);

        assertThat(contained).isEqualTo(KNIFE.replace("of {}.\"]", "of {}.\"]   # ours"));
        assertThat(PolicyParser.parse(contained, "p", Templates.none())
                        .orElseThrow()
                        .version())
                .isEqualTo(policy(named).version());
        assertThat(PolicyEdit.selfContained(KNIFE, Templates.none())).isEqualTo(KNIFE);
    }
}

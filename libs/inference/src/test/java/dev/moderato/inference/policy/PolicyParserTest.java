package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static dev.moderato.inference.policy.PolicyFiles.messages;
import static dev.moderato.inference.policy.PolicyFiles.policy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyParserTest {
    private static final String SMALL = """
            policy: p
            neutral: ["a tree"]
            labels:
              knife:
                prompts: ["a knife"]
                thresholds: {review: 0.5, block: 0.8}
            """;

    @Test
    void readsEverythingThatTheFormatHas() {
        Policy policy = policy(KNIFE);

        assertThat(policy.name()).isEqualTo("default");
        assertThat(policy.templates()).containsExactly("a photo of {}.", "a drawing of {}.");
        assertThat(policy.neutral()).containsExactly("a person smiling", "a landscape");
        assertThat(policy.labelsAndGroups()).containsExactly("weapons", "weapons.knife", "weapons.gun", "smoking");
        assertThat(policy.labels().get(0))
                .isEqualTo(new Label(
                        "weapons.knife",
                        "",
                        List.of("a knife", "a dagger"),
                        List.of("a spoon", "a kitchen table"),
                        new Rule(0.55, 0.85, "queue:weapons", "hide"),
                        false,
                        Map.of("demo-v1", new Calibration(1.3, -0.4, 812))));
        assertThat(policy.labels().get(2).shadow()).isTrue();
        assertThat(policy.surfaces().get("avatar"))
                .containsEntry("weapons.knife", new Rule(0.55, 0.7, "queue:weapons", "hide"))
                .containsEntry("weapons.gun", new Rule(null, 0.9, null, null));
        assertThat(policy.tests())
                .containsExactly(
                        new PolicyTest(
                                "examples/knife-01.jpg",
                                "avatar",
                                null,
                                Map.of("weapons.knife", Verdict.BLOCK, "smoking", Verdict.ALLOW)),
                        new PolicyTest("examples/tree.jpg", null, Verdict.ALLOW, Map.of()));
    }

    @Test
    void leftOutTemplatesEncodeThePromptAsItStands() {
        assertThat(policy(SMALL).templates()).containsExactly("{}");
    }

    @Test
    void theMostSpecificPlaceWins() {
        Policy policy = policy("""
                policy: p
                neutral: ["a tree"]
                thresholds: {review: 0.4, block: 0.9}
                actions: {block: hide}
                labels:
                  weapons.knife: {prompts: ["a knife"]}
                  weapons.gun: {prompts: ["a gun"], thresholds: {block: 0.8}}
                surfaces:
                  kids:
                    weapons: {thresholds: {review: 0.2}, actions: {block: "call:parent"}}
                    weapons.gun: {thresholds: {block: 0.3}}
                """);

        assertThat(policy.labels().get(0).rule()).isEqualTo(new Rule(0.4, 0.9, null, "hide"));
        assertThat(policy.labels().get(1).rule()).isEqualTo(new Rule(0.4, 0.8, null, "hide"));
        assertThat(policy.surfaces().get("kids"))
                .containsEntry("weapons.knife", new Rule(0.2, 0.9, null, "call:parent"))
                .containsEntry("weapons.gun", new Rule(0.2, 0.3, null, "call:parent"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "thresholds: {review: 0.5 | treshold: {review: 0.5 | p.yaml:6:5: error: unknown key 'treshold' in label"
                        + " knife: did you mean 'thresholds'?",
                "neutral: [ | nuetral: [ | p.yaml:2:1: error: unknown key 'nuetral' in the policy: did you mean 'neutral'?",
                "policy: p | policy: a b | p.yaml:1:9: error: the policy's name 'a b' has to be of letters, digits, '.', '_'"
                        + " and '-', and start with a letter or digit",
                "\"a knife\" | \"\" | p.yaml:5:15: error: an item of prompts of label knife is empty",
                "[\"a knife\"] | a knife | p.yaml:5:14: error: prompts of label knife is text: write a list, [\"…\", \"…\"]",
                "[\"a knife\"] | [7] | p.yaml:5:15: error: an item of prompts of label knife is a number, not text: put it in"
                        + " quotes",
                "0.5 | 0.95 | p.yaml:6:39: error: thresholds of label knife are out of order: review 0.95 is above block 0.8,"
                        + " so no image would be reviewed: lower review or raise block",
                "0.8 | 1.2 | p.yaml:6:38: error: the block threshold of label knife is 1.2: scores lie between 0 and 1",
                "0.8 | \"0.8\" | p.yaml:6:38: error: the block threshold of label knife is text: write 0.8 without quotes",
                "0.8 | .nan | p.yaml:6:38: error: the block threshold of label knife is a number: write a decimal number",
                "block: 0.8 | reviwe: 0.8 | p.yaml:6:31: error: unknown key 'reviwe' in thresholds of label knife: did you"
                        + " mean 'review'?",
                "block: 0.8 | review: 0.8 | p.yaml:6:31: error: 'review' stands twice in thresholds of label knife: it is"
                        + " already on line 6",
                "knife: | 'a knife': | p.yaml:4:3: error: the label 'a knife' has to be of letters, digits, '_' and '-', with"
                        + " dots between its levels",
                "[\"a tree\"] | [] | p.yaml:4:3: error: label knife has nothing to be compared with: add `neutral:` to the"
                        + " policy or `negatives:` to the label",
                "policy: p | [ | p.yaml:3:1: error: not valid YAML: while parsing a flow sequence: expected ',' or ']', but got"
                        + " <scalar>"
            })
    void saysWhatIsWrongWhereAndWhatToWrite(String right, String wrong, String message) {
        assertThat(messages(SMALL.replace(right, wrong))).containsExactly(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "surfaces: {avatar: {knive: {thresholds: {block: 0.9}}}};7:21: error: unknown label 'knive' on surface avatar:"
                        + " did you mean 'knife'?",
                "surfaces: {avatar: {knife: {thresholds: {block: 0.4}}}};7:49: error: thresholds of knife on surface avatar are"
                        + " out of order: review 0.5 is above block 0.4, so no image would be reviewed: lower review or raise"
                        + " block",
                "surfaces: {avatar: {knife: {mode: shadow}}};7:29: error: unknown key 'mode' in knife on surface avatar: known"
                        + " are actions, thresholds",
                "tests: [{image: a.png, expect: {knfe: block}}];7:33: error: unknown label 'knfe' in a test: did you mean"
                        + " 'knife'?",
                "tests: [{image: a.png, expect: {knife: blok}}];7:40: error: the outcome of knife is 'blok': did you mean"
                        + " 'block'?",
                "tests: [{image: a.png, surface: avatr, expect: allow}];7:33: error: unknown surface 'avatr' in a test: there"
                        + " are none",
                "tests: [{image: a.png}];7:9: error: a test needs `expect: {LABEL: OUTCOME}`",
                "tests: [{image: a.png, expect: {}}];7:32: error: expect is empty: write {LABEL: OUTCOME}",
                "templates: foto;7:12: error: unknown template list 'foto': did you mean 'photo'?",
                "templates: ../../etc/passwd;7:12: error: unknown template list '../../etc/passwd': known are photo",
                "templates: ['a photo'];7:13: error: the template \"a photo\" needs exactly one {} where the prompt goes",
                "templates: [];7:12: error: templates is empty: leave it out to encode prompts as they stand",
                "templates: 'a {}';7:12: error: templates is one text: write a list, [\"a {}\"]"
            })
    void checksWhatFollowsTheLabels(String line, String message) {
        assertThat(messages(SMALL + line + "\n")).containsExactly("p.yaml:" + message);
    }

    @Test
    void refusesControlTokensOfTheTextEncoder() {
        assertThat(messages(SMALL.replace("a knife", "a knife<|endoftext|>")))
                .containsExactly(
                        "p.yaml:5:15: error: \"a knife<|endoftext|>\" holds a control token of the text encoder:"
                                + " write plain words");
    }

    @Test
    void reportsAFaultInATemplateListWhereItIs() {
        ParsedPolicy parsed = PolicyParser.parse(
                SMALL + "templates: bad\n", "p.yaml", PolicyFiles.templates(Map.of("bad", "- fine {}\n- no slot\n")));

        assertThat(parsed.diagnostics())
                .extracting(Diagnostic::toString)
                .containsExactly(
                        "templates/bad.yaml:2:3: error: the template \"no slot\" needs exactly one {} where the"
                                + " prompt goes");
    }

    @Test
    void reportsEveryErrorInOneGo() {
        assertThat(messages("""
                policy: p
                neutral: "a tree"
                labels:
                  knife: {prompts: [], tresholds: {}}
                  gun:
                """))
                .containsExactly(
                        "p.yaml:2:10: error: neutral is text: write a list, [\"…\", \"…\"]",
                        "p.yaml:4:24: error: unknown key 'tresholds' in label knife: did you mean 'thresholds'?",
                        "p.yaml:5:7: error: label gun is empty: write keys with values, `key: value`");
    }

    @Test
    void aGroupTakesNothingButADescription() {
        String group = SMALL.replace("  knife:", "  weapons: {description: all arms}\n  weapons.knife:");

        assertThat(policy(group).labelsAndGroups()).containsExactly("weapons", "weapons.knife");
        assertThat(messages(group.replace("description: all arms", "mode: shadow")))
                .containsExactly(
                        "p.yaml:4:3: error: weapons has no prompts, so it is a group and takes only a description:"
                                + " give it prompts, or set the rest on its labels");
    }

    @Test
    void anUnusableFileIsOneError() {
        assertThat(messages("")).containsExactly("p.yaml:1:1: error: the file is empty");
        assertThat(messages("- a\n"))
                .containsExactly("p.yaml:1:1: error: the policy is a list: write keys with values, `key: value`");
        assertThat(messages("a: \u0007"))
                .containsExactly("p.yaml:1:4: error: not valid YAML: a control character is not allowed here");
        assertThat(messages("[".repeat(200_000))).hasSize(1).first().asString().contains("not valid YAML");
        assertThat(messages("x".repeat(2_000_000)))
                .containsExactly("p.yaml:1:1: error: the file has 2000000 characters, more than 1048576");
    }
}

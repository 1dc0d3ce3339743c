package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.clip.TokenCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLintTest {
    private static final String CLEAN = """
            policy: p
            templates: ["a photo of {}."]
            neutral: ["a tree"]
            labels:
              knife:
                prompts: ["a knife"]
                negatives: ["a spoon"]
                thresholds: {review: 0.5, block: 0.8}
              gun:
                prompts: ["a gun"]
                thresholds: {block: 0.8}
            tests:
              - {image: knife.png, expect: {knife: block, gun: allow}}
            """;

    private static List<String> lint(PolicyLint lint, String text) {
        return lint.check(PolicyFiles.parse(text)).stream()
                .map(Diagnostic::toString)
                .toList();
    }

    private static List<String> lint(String before, String after) {
        assertThat(CLEAN).contains(before);
        return lint(PolicyLint.ofTexts(), CLEAN.replace(before, after));
    }

    @Test
    void aGoodFileHasNothingToSay() {
        assertThat(lint(PolicyLint.ofTexts(), CLEAN)).isEmpty();
    }

    @Test
    void warnsOfNegation() {
        assertThat(lint("a gun", "a person without a gun"))
                .containsExactly(
                        "p.yaml:10:15: warning: \"a person without a gun\" says 'without': CLIP does not understand"
                                + " negation and looks for the rest; say what is there instead, or move the thing to negatives");
        assertThat(lint("a tree", "a table, no knife")).hasSize(1);
        assertThat(lint("a tree", "a notebook and a knot")).isEmpty();
    }

    @Test
    void warnsOfTheSamePromptInTwoPlaces() {
        assertThat(lint("a gun", "A  Knife"))
                .containsExactly(
                        "p.yaml:10:15: warning: \"A  Knife\" is already a prompt of label knife (line 6): both labels"
                                + " fire on the same images");
        assertThat(lint("a gun", "a tree"))
                .containsExactly(
                        "p.yaml:10:15: warning: \"a tree\" is already neutral (line 3): it can never win against"
                                + " itself");
        assertThat(lint("a spoon", "a knife"))
                .containsExactly(
                        "p.yaml:7:17: warning: \"a knife\" is already a prompt of label knife (line 6): it can never"
                                + " win against itself");
        assertThat(lint("a spoon", "a gun"))
                .as("another label's prompt is a fine negative")
                .isEmpty();
    }

    @Test
    void warnsOfThresholdsThatDoNothing() {
        assertThat(lint("{review: 0.5, block: 0.8}", "{review: 0.8, block: 0.8}"))
                .containsExactly(
                        "p.yaml:5:3: warning: the review threshold of label knife is unreachable: block has the same,"
                                + " 0.8");
        assertThat(lint("{block: 0.8}", "{block: 0}"))
                .containsExactly("p.yaml:9:3: warning: label gun has the threshold 0: every image reaches it");
        assertThat(lint("    thresholds: {block: 0.8}\n", ""))
                .containsExactly(
                        "p.yaml:9:3: warning: label gun has no threshold and never decides: give it one, or write"
                                + " `mode: shadow`");
    }

    @Test
    void warnsOfLabelsThatNothingTests() {
        assertThat(lint(", gun: allow", ""))
                .containsExactly(
                        "p.yaml:9:3: warning: no test covers label gun: add `- {image: PATH, expect: {gun: block}}` to"
                                + " tests");
    }

    @Test
    void countsTokensWithTheTemplate() {
        TokenCounter words = new TokenCounter() {
            @Override
            public int count(String text) {
                return text.split(" ").length + 2;
            }

            @Override
            public int limit() {
                return 8;
            }
        };

        assertThat(lint(PolicyLint.ofTexts().withTokens(words), CLEAN.replace("a gun", "a gun on a table")))
                .containsExactly(
                        "p.yaml:10:15: error: the prompt takes 10 tokens in the template \"a photo of {}.\", the text"
                                + " encoder reads 8: shorten it by 2");
    }

    @Test
    void comparesPromptsAsTheEncoderUnderstandsThem() {
        float[] same = SeededTexts.unit(new Random(1), 8);
        TextEncoder encoder = new TextEncoder() {
            @Override
            public int embeddingSize() {
                return 8;
            }

            @Override
            public float[][] encode(List<String> texts) {
                return texts.stream()
                        .map(text -> text.contains("gun") || text.contains("pistol")
                                ? same
                                : SeededTexts.unit(new Random(text.hashCode()), 8))
                        .toArray(float[][]::new);
            }
        };

        assertThat(lint(PolicyLint.ofTexts().withEncoder(encoder), CLEAN.replace("\"a knife\"", "\"a pistol\"")))
                .containsExactly(
                        "p.yaml:10:15: warning: \"a gun\" means nearly the same to the encoder as \"a pistol\", a"
                                + " prompt of label knife (line 6, cosine 1.000): both labels fire on the same images");
        assertThat(lint(PolicyLint.ofTexts().withEncoder(encoder), CLEAN)).isEmpty();
    }

    @Test
    void missesImagesOfTests(@TempDir Path folder) throws IOException {
        PolicyLint lint = PolicyLint.ofTexts().withImagesIn(folder);
        assertThat(lint(lint, CLEAN))
                .containsExactly("p.yaml:13:13: error: the test's image knife.png is not in " + folder);

        Files.write(folder.resolve("knife.png"), new byte[1]);
        assertThat(lint(lint, CLEAN)).isEmpty();
    }

    @Test
    void passesOnWhatTheParserFound() {
        assertThat(lint("block: 0.8}", "block: 8}")).hasSize(2).allMatch(line -> line.contains("scores lie between"));
    }
}

package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolicyTestsTest {
    private static final String TEXT = """
            policy: p
            neutral: ["a tree"]
            labels:
              arms.knife: {prompts: ["a knife"], thresholds: {review: 0.6, block: 0.9}}
              arms.gun: {prompts: ["a gun"], thresholds: {block: 0.9}}
              smoke: {prompts: ["smoke"], thresholds: {review: 0.6}, mode: shadow}
            tests:
              - {image: a knife, expect: {arms.knife: block, arms: block, arms.gun: allow}}
              - {image: a tree, expect: {arms.knife: review}}
              - {image: a knife, expect: allow}
              - {image: smoke, expect: {smoke: review}}
              - {image: smoke, expect: allow}
              - {image: gone, expect: allow}
            """;

    /** An image is its text's own vector. */
    private static List<Embedding> embed(String image) throws IOException {
        if (image.equals("gone")) {
            throw new NoSuchFileException(image);
        }
        return List.of(Embedding.ofUnit(SeededTexts.unit(new Random(image.hashCode()), 256)));
    }

    private static List<PolicyTests.Result> run() {
        PolicyScorer scorer = PolicyScorer.compile(PolicyFiles.policy(TEXT), new SeededTexts(256), "m", 10);
        return PolicyTests.run(scorer, PolicyTestsTest::embed);
    }

    @Test
    void passesWhereOutcomesAreAsExpected() {
        assertThat(run().get(0).passed()).isTrue();
        assertThat(run().get(3).passed())
                .as("a shadow label's own outcome can be expected")
                .isTrue();
        assertThat(run().get(4).passed())
                .as("a shadow label does not decide on the image")
                .isTrue();
    }

    @Test
    void saysByHowMuchALabelMisses() {
        PolicyTests.Result result = run().get(1);

        assertThat(result.passed()).isFalse();
        PolicyTests.Miss miss = result.misses().get(0);
        assertThat(miss.label()).isEqualTo("arms.knife");
        assertThat(miss.expected()).isEqualTo(Verdict.REVIEW);
        assertThat(miss.actual()).isEqualTo(Verdict.ALLOW);
        assertThat(miss.threshold()).isEqualTo(0.6);
        assertThat(miss.by()).isCloseTo(0.6 - miss.score(), within(1e-12)).isPositive();
    }

    @Test
    void namesTheLabelThatDecidedOnTheImage() {
        PolicyTests.Miss miss = run().get(2).misses().get(0);

        assertThat(miss.of()).isEqualTo("the image");
        assertThat(miss.label()).isEqualTo("arms.knife");
        assertThat(miss.actual()).isEqualTo(Verdict.BLOCK);
        assertThat(miss.threshold()).as("what it should have stayed below").isEqualTo(0.6);
    }

    @Test
    void anImageThatCannotBeReadIsAProblemOfItsTestAlone() {
        assertThat(run().get(5).problem()).isEqualTo("gone");
        assertThat(run()).hasSize(6);
    }
}

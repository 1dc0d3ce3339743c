package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static dev.moderato.inference.policy.PolicyFiles.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.inference.clip.TextEncoder;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PolicyScorerTest {
    /** A text's vector is chosen by hand; every other text is far from all images. */
    private static TextEncoder axes(Map<String, float[]> vectors) {
        return new TextEncoder() {
            @Override
            public int embeddingSize() {
                return 4;
            }

            @Override
            public float[][] encode(List<String> texts) {
                return texts.stream()
                        .map(text -> vectors.getOrDefault(text, new float[] {0, 0, 0, 1}))
                        .toArray(float[][]::new);
            }
        };
    }

    private static final String SMALL = """
            policy: p
            neutral: ["tree"]
            labels:
              arms.knife:
                prompts: ["knife", "dagger"]
                negatives: ["spoon"]
                thresholds: {review: 0.5, block: 0.9}
                actions: {block: hide}
              arms.gun:
                prompts: ["gun"]
                thresholds: {block: 0.2}
                mode: shadow
            surfaces:
              kids: {arms.knife: {thresholds: {review: 0.1, block: 0.2}, actions: {block: call}}}
            """;

    private static final TextEncoder TEXTS = axes(Map.of(
            "knife", new float[] {1, 0, 0, 0},
            "dagger", new float[] {0.6f, 0.8f, 0, 0},
            "spoon", new float[] {0, 0.8f, 0.6f, 0},
            "tree", new float[] {0, 0, 1, 0},
            "gun", new float[] {0.8f, 0, 0, 0.6f}));

    private static Embedding image(float... unit) {
        return Embedding.ofUnit(unit);
    }

    @Test
    void theExplanationIsTheScore() throws Exception {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 10);

        Decision decision = scorer.score(null, List.of(image(0.8f, 0.6f, 0, 0)));

        // dagger .96 beats knife .8; spoon .48 beats tree 0
        LabelScore knife = decision.labels().get(1);
        assertThat(knife.winningPrompt()).isEqualTo("dagger");
        assertThat(knife.nearestNeutral()).isEqualTo("spoon");
        assertThat(knife.margin()).isCloseTo(0.48, within(1e-3));
        assertThat(knife.score()).isEqualTo(1 / (1 + StrictMath.exp(-10 * knife.margin())));
        assertThat(knife.outcome()).isEqualTo(Verdict.BLOCK);
        assertThat(knife.action()).isEqualTo("hide");
        assertThat(knife.calibrated()).isFalse();
        assertThat(decision.verdict()).isEqualTo(Verdict.BLOCK);
    }

    @Test
    void aShadowLabelIsReportedAndNeverDecides() throws Exception {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 10);

        Decision decision = scorer.score(null, List.of(image(0, 0, 0.8f, 0.6f)));

        LabelScore gun = decision.labels().get(2);
        assertThat(gun.shadow()).isTrue();
        assertThat(decision.verdict()).isEqualTo(Verdict.ALLOW);
        Decision near = scorer.score(null, List.of(image(0, 0, 0, 1)));
        assertThat(near.labels().get(2).outcome()).isEqualTo(Verdict.BLOCK);
        assertThat(near.labels().get(1).outcome()).isEqualTo(Verdict.REVIEW);
        assertThat(near.verdict()).isEqualTo(Verdict.REVIEW);
    }

    @Test
    void aGroupReportsItsStrongestLiveLabel() throws Exception {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 10);

        List<LabelScore> labels =
                scorer.score(null, List.of(image(0.8f, 0, 0, 0.6f))).labels();

        assertThat(labels).extracting(LabelScore::label).containsExactly("arms", "arms.knife", "arms.gun");
        LabelScore group = labels.get(0);
        assertThat(group.group()).isTrue();
        assertThat(group.score())
                .isEqualTo(labels.get(1).score())
                .isLessThan(labels.get(2).score());
        assertThat(group.winningPrompt()).isEqualTo("knife");
        assertThat(group.review()).isNull();
        assertThat(group.block()).isNull();
        assertThat(group.action()).isNull();
        assertThat(group.outcome()).isEqualTo(Verdict.ALLOW);
    }

    @Test
    void aSurfaceOverridesThresholdsAndActions() throws Exception {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 1);
        List<Embedding> image = List.of(image(0.6f, 0, 0.8f, 0));

        assertThat(scorer.score(null, image).verdict()).isEqualTo(Verdict.ALLOW);
        Decision kids = scorer.score("kids", image);
        assertThat(kids.verdict()).isEqualTo(Verdict.BLOCK);
        assertThat(kids.labels().get(1).action()).isEqualTo("call");
        assertThatThrownBy(() -> scorer.score("kidz", image))
                .isInstanceOf(UnknownSurfaceException.class)
                .hasMessage(
                        "unknown surface 'kidz' in policy p@" + scorer.policy().version() + ": it has kids");
    }

    @Test
    void theStrongestFrameCounts() throws Exception {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 10);
        Embedding tree = image(0, 0, 1, 0);
        Embedding knife = image(1, 0, 0, 0);

        Decision animation = scorer.score(null, List.of(tree, knife, tree));

        assertThat(animation).isEqualTo(scorer.score(null, List.of(knife)));
        assertThat(animation).isNotEqualTo(scorer.score(null, List.of(tree)));
    }

    @Test
    void calibrationIsChosenByTheModel() throws Exception {
        Policy policy = policy(SMALL.replace("mode: shadow", "calibration: {m: {a: 2, b: -1}}"));
        List<Embedding> image = List.of(image(0.6f, 0, 0.8f, 0));

        LabelScore with = PolicyScorer.compile(policy, TEXTS, "m", 10)
                .score(null, image)
                .labels()
                .get(2);
        LabelScore without = PolicyScorer.compile(policy, TEXTS, "other", 10)
                .score(null, image)
                .labels()
                .get(2);

        assertThat(with.calibrated()).isTrue();
        assertThat(with.score()).isEqualTo(1 / (1 + StrictMath.exp(-(20 * with.margin() - 1))));
        assertThat(without.calibrated()).isFalse();
        assertThat(without.margin()).isEqualTo(with.margin());
    }

    @Test
    void aPromptIsTheRenormalisedMeanOverItsTemplates() throws Exception {
        Policy policy = policy("""
                policy: p
                templates: ["a {}", "b {}"]
                neutral: ["n"]
                labels: {l: {prompts: ["x"]}}
                """);
        TextEncoder texts = axes(Map.of("a x", new float[] {1, 0, 0, 0}, "b x", new float[] {0, 1, 0, 0}));

        LabelScore score = PolicyScorer.compile(policy, texts, "m", 1)
                .score(null, List.of(image(1, 0, 0, 0)))
                .labels()
                .get(0);

        assertThat(score.margin()).isCloseTo(Math.sqrt(0.5), within(1e-7));
    }

    @Test
    void anEmbeddingOfAnotherModelIsRefused() {
        PolicyScorer scorer = PolicyScorer.compile(policy(SMALL), TEXTS, "m", 10);

        assertThatThrownBy(() -> scorer.score(null, List.of(image(1, 0))))
                .hasMessage("the embedding has 2 components, the model m gives 4");
        assertThatThrownBy(() -> scorer.score(null, List.of())).hasMessage("an image has at least one frame");
    }

    @Test
    void anEditedPolicyEncodesOnlyItsNewTexts() {
        SeededTexts encoder = new SeededTexts(16);
        CachedTexts cached = new CachedTexts(encoder, 1000);
        PolicyScorer.compile(policy(KNIFE), cached, "m", 100);
        int first = encoder.runs;

        PolicyScorer.compile(policy(KNIFE.replace("0.55", "0.56")), cached, "m", 100);
        assertThat(encoder.runs).isEqualTo(first);
        PolicyScorer.compile(policy(KNIFE.replace("a dagger", "a sword")), cached, "m", 100);
        assertThat(encoder.runs).isEqualTo(first + 2);
    }

    @Test
    void theVerdictAloneEqualsTheDecisionsOnEveryThreshold() throws Exception {
        Random random = new Random(7);
        SeededTexts texts = new SeededTexts(24);
        for (int round = 0; round < 300; round++) {
            Policy policy = policy(KNIFE.replace("0.55", "0." + random.nextInt(6))
                    .replace("0.85", "0." + (7 + random.nextInt(3)))
                    .replace("mode: shadow", "mode: " + (random.nextBoolean() ? "live" : "shadow")));
            PolicyScorer scorer = PolicyScorer.compile(policy, texts, random.nextBoolean() ? "demo-v1" : "m", 3);
            ScoringBatch batch = scorer.newBatch();
            for (int i = 0; i < 20; i++) {
                batch.add(List.of(Embedding.ofUnit(SeededTexts.unit(random, 24))));
            }
            batch.run();
            for (int i = 0; i < 20; i++) {
                for (String surface : new String[] {null, "avatar"}) {
                    Decision decision = batch.decision(i, surface);
                    Verdict expected = decision.labels().stream()
                            .filter(label -> !label.shadow())
                            .map(LabelScore::outcome)
                            .max(Verdict::compareTo)
                            .orElseThrow();
                    assertThat(decision.verdict()).isEqualTo(expected);
                    assertThat(batch.verdict(i, surface)).isEqualTo(expected);
                }
            }
        }
    }

    /** Once it is compiled: until then vectors are objects. */
    @Test
    void aBatchThatIsUsedAgainAllocatesNothing() throws Exception {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Random random = new Random(9);
        ScoringBatch batch = PolicyScorer.compile(policy(KNIFE), new SeededTexts(64), "m", 100)
                .newBatch();
        List<List<Embedding>> images = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            images.add(List.of(Embedding.ofUnit(SeededTexts.unit(random, 64))));
        }
        long bytes = Long.MAX_VALUE;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (bytes > images.size() && System.nanoTime() < until) { // less than a byte an image
            long before = threads.getCurrentThreadAllocatedBytes();
            batch.clear();
            for (List<Embedding> image : images) {
                batch.add(image);
            }
            batch.run();
            for (int i = 0; i < images.size(); i++) {
                batch.verdict(i, null);
            }
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(bytes).isLessThanOrEqualTo(images.size());
    }
}

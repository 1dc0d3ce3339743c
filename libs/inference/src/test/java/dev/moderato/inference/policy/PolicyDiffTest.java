package dev.moderato.inference.policy;

import static dev.moderato.inference.policy.PolicyFiles.KNIFE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolicyDiffTest {
    private static final int SIZE = 24;
    private static final int IMAGES = 1_000;

    private static PolicyScorer scorer(String text) {
        return PolicyScorer.compile(PolicyFiles.policy(text), new SeededTexts(SIZE), "m", 3);
    }

    private static List<List<Embedding>> images() {
        Random random = new Random(9);
        List<List<Embedding>> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            images.add(List.of(Embedding.ofUnit(SeededTexts.unit(random, SIZE))));
        }
        return images;
    }

    private static PolicyDiff.Result<String> diff(String before, String after, int keep) {
        PolicyDiff<String> diff = new PolicyDiff<>(scorer(before), scorer(after), keep);
        int id = 0;
        for (List<Embedding> image : images()) {
            diff.add("i" + id++, null, image);
        }
        return diff.result();
    }

    @Test
    void thePolicyAgainstItselfChangesNothing() {
        PolicyDiff.Result<String> result = diff(KNIFE, KNIFE, 3);

        assertThat(result.images()).isEqualTo(IMAGES);
        assertThat(result.changed()).isZero();
        assertThat(result.labels()).isEmpty();
        assertThat(result.before()).isEqualTo(result.after());
    }

    @Test
    void countsWhatEveryDecisionWouldSay() throws Exception {
        String edited = KNIFE.replace("review: 0.55, block: 0.85", "review: 0.4, block: 0.6")
                .replace("0.9}", "0.7}");
        PolicyDiff.Result<String> result = diff(KNIFE, edited, 3);

        PolicyScorer before = scorer(KNIFE);
        PolicyScorer after = scorer(edited);
        long changed = 0;
        long knife = 0;
        for (List<Embedding> image : images()) {
            Decision old = before.score(null, image);
            Decision now = after.score(null, image);
            changed += old.verdict() == now.verdict() ? 0 : 1;
            knife += old.labels().get(1).outcome() == now.labels().get(1).outcome() ? 0 : 1;
        }
        assertThat(changed).isPositive();
        assertThat(result.changed()).isEqualTo(changed);
        assertThat(result.labels().stream()
                        .filter(label -> label.label().equals("weapons.knife"))
                        .mapToLong(PolicyDiff.LabelChange::count)
                        .sum())
                .isEqualTo(knife);
        assertThat(result.before().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(IMAGES);
    }

    @Test
    void keepsTheExamplesThatMovedMost() {
        String edited = KNIFE.replace("\"a gun\"", "\"a gun\", \"a rifle\"").replace("{block: 0.9}", "{block: 0.5}");

        PolicyDiff.LabelChange<String> few = diff(KNIFE, edited, 2).labels().get(0);
        PolicyDiff.LabelChange<String> all =
                diff(KNIFE, edited, IMAGES).labels().get(0);

        assertThat(few.label()).isEqualTo("weapons.gun");
        assertThat(few.examples()).hasSize(2).isEqualTo(all.examples().subList(0, 2));
        assertThat(few.count()).isEqualTo(all.examples().size());
        assertThat(all.examples().get(0).moved())
                .isGreaterThan(all.examples().get(2).moved());
    }

    @Test
    void aNewLabelComesFromAllow() {
        String added = KNIFE.replace("labels:", "labels:\n  fire: {prompts: [\"a fire\"], thresholds: {block: 0.5}}");

        assertThat(diff(KNIFE, added, 1).labels())
                .extracting(PolicyDiff.LabelChange::label, PolicyDiff.LabelChange::change)
                .containsExactly(tuple("fire", new PolicyDiff.Change(Verdict.ALLOW, Verdict.BLOCK)));
    }

    @Test
    void skipsImagesOfASurfaceThatOnePolicyLacks() {
        String without = KNIFE.replace("surface: avatar, ", "").replace("  avatar:", "  cover:");
        PolicyDiff<String> diff = new PolicyDiff<>(scorer(KNIFE), scorer(without), 1);

        diff.add("a", "avatar", Objects.requireNonNull(images().get(0)));
        diff.add("b", null, images().get(1));

        assertThat(diff.result().images()).isEqualTo(1);
        assertThat(diff.result().skipped()).isEqualTo(1);
    }

    @Test
    void partsMergeToTheWhole() {
        String edited = KNIFE.replace("0.55", "0.4");
        PolicyScorer before = scorer(KNIFE);
        PolicyScorer after = scorer(edited);
        PolicyDiff<String> one = new PolicyDiff<>(before, after, 5);
        PolicyDiff<String> other = new PolicyDiff<>(before, after, 5);
        int id = 0;
        for (List<Embedding> image : images()) {
            (id % 3 == 0 ? one : other).add("i" + id++, null, image);
        }
        one.merge(other);

        assertThat(one.result()).isEqualTo(diff(KNIFE, edited, 5));
    }
}

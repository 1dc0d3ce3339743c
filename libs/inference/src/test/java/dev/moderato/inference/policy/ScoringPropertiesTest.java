package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** What must hold of every policy, tried on drawn ones. The repetition is the seed. */
class ScoringPropertiesTest {
    private static final int SIZE = 48;

    private record Drawn(List<String> neutral, List<LabelText> labels) {
        String yaml() {
            return "policy: p\nneutral: " + neutral + "\nlabels:\n"
                    + labels.stream().map(LabelText::yaml).collect(Collectors.joining());
        }
    }

    private record LabelText(String name, List<String> prompts, List<String> negatives) {
        String yaml() {
            return "  " + name + ": {prompts: " + prompts + ", negatives: " + negatives
                    + ", thresholds: {review: 0.4, block: 0.8}}\n";
        }
    }

    private final List<List<Embedding>> images = new ArrayList<>();
    private Random random = new Random();

    private Drawn draw(RepetitionInfo repetition) {
        random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 30; i++) {
            List<Embedding> frames = new ArrayList<>();
            for (int frame = 1 + random.nextInt(3); frame > 0; frame--) {
                frames.add(Embedding.ofUnit(SeededTexts.unit(random, SIZE)));
            }
            images.add(frames);
        }
        List<LabelText> labels = new ArrayList<>();
        for (int i = 2 + random.nextInt(5); i > 0; i--) {
            labels.add(new LabelText("g" + random.nextInt(2) + ".l" + i, texts(1), texts(0)));
        }
        return new Drawn(texts(1), labels);
    }

    private List<String> texts(int least) {
        List<String> texts = new ArrayList<>();
        for (int i = least + random.nextInt(6); i > 0; i--) {
            texts.add("t" + random.nextInt(1000));
        }
        return texts;
    }

    private static <T> List<T> with(List<T> list, T more) {
        List<T> longer = new ArrayList<>(list);
        longer.add(more);
        return longer;
    }

    private List<Decision> score(Drawn drawn) throws UnknownSurfaceException {
        PolicyScorer scorer = PolicyScorer.compile(PolicyFiles.policy(drawn.yaml()), new SeededTexts(SIZE), "m", 20);
        List<Decision> decisions = new ArrayList<>();
        for (List<Embedding> image : images) {
            decisions.add(scorer.score(null, image));
        }
        return decisions;
    }

    private static Map<String, LabelScore> byLabel(Decision decision) {
        return decision.labels().stream().collect(Collectors.toMap(LabelScore::label, score -> score));
    }

    @RepeatedTest(12)
    void addingOrEditingAnotherLabelMovesNoScore(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        List<LabelText> edited = with(drawn.labels(), new LabelText("new", texts(1), texts(0)));
        edited.set(0, new LabelText(edited.get(0).name(), texts(1), texts(0)));

        List<Decision> before = score(drawn);
        List<Decision> after = score(new Drawn(drawn.neutral(), edited));

        for (int i = 0; i < images.size(); i++) {
            for (LabelText label : drawn.labels().subList(1, drawn.labels().size())) {
                assertThat(byLabel(after.get(i)).get(label.name()))
                        .isEqualTo(byLabel(before.get(i)).get(label.name()));
            }
        }
    }

    @RepeatedTest(12)
    void anotherPromptNeverLowersAScore(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        LabelText label = drawn.labels().get(0);
        List<LabelText> edited = new ArrayList<>(drawn.labels());
        edited.set(0, new LabelText(label.name(), with(label.prompts(), "another"), label.negatives()));

        assertScores(score(drawn), score(new Drawn(drawn.neutral(), edited)), 1);
    }

    @RepeatedTest(12)
    void anotherNeutralOrNegativeNeverRaisesAScore(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        LabelText label = drawn.labels().get(0);
        List<LabelText> edited = new ArrayList<>(drawn.labels());
        edited.set(0, new LabelText(label.name(), label.prompts(), with(label.negatives(), "another")));

        List<Decision> before = score(drawn);
        assertScores(before, score(new Drawn(drawn.neutral(), edited)), -1);
        assertScores(before, score(new Drawn(with(drawn.neutral(), "another"), drawn.labels())), -1);
    }

    private void assertScores(List<Decision> before, List<Decision> after, int direction) {
        int moved = 0;
        for (int i = 0; i < images.size(); i++) {
            for (LabelScore score : before.get(i).labels()) {
                double change = Objects.requireNonNull(byLabel(after.get(i)).get(score.label()))
                                .score()
                        - score.score();
                assertThat(change * direction).isGreaterThanOrEqualTo(0);
                moved += change == 0 ? 0 : 1;
            }
        }
        assertThat(moved).as("the property is not empty").isPositive();
    }

    @RepeatedTest(12)
    void theOrderInTheFileIsIrrelevant(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        List<LabelText> shuffled = new ArrayList<>();
        for (LabelText label : drawn.labels()) {
            shuffled.add(new LabelText(label.name(), shuffled(label.prompts()), shuffled(label.negatives())));
        }
        Drawn other = new Drawn(shuffled(drawn.neutral()), shuffled(shuffled));

        List<Decision> before = score(drawn);
        List<Decision> after = score(other);

        for (int i = 0; i < images.size(); i++) {
            assertThat(byLabel(after.get(i))).isEqualTo(byLabel(before.get(i)));
            assertThat(after.get(i).verdict()).isEqualTo(before.get(i).verdict());
        }
        assertThat(PolicyFiles.policy(other.yaml()).version())
                .isEqualTo(PolicyFiles.policy(drawn.yaml()).version());
    }

    private <T> List<T> shuffled(List<T> list) {
        List<T> other = new ArrayList<>(list);
        Collections.shuffle(other, random);
        return other;
    }

    @RepeatedTest(12)
    void theBatchSizeIsIrrelevantToTheLastBit(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        List<Decision> alone = score(drawn);
        ScoringBatch batch = PolicyScorer.compile(PolicyFiles.policy(drawn.yaml()), new SeededTexts(SIZE), "m", 20)
                .newBatch();
        int next = 0;
        while (next < images.size()) {
            batch.clear();
            int size = Math.min(images.size() - next, 1 + random.nextInt(13));
            images.subList(next, next + size).forEach(batch::add);
            batch.run();
            for (int i = 0; i < size; i++) {
                assertThat(batch.decision(i, null)).isEqualTo(alone.get(next + i));
            }
            next += size;
        }
    }

    @RepeatedTest(12)
    void whatIsStoredScoresAsWhatWasLive(RepetitionInfo repetition) throws Exception {
        Drawn drawn = draw(repetition);
        List<Decision> live = score(drawn);
        images.replaceAll(frames ->
                frames.stream().map(frame -> Embedding.ofHalfs(frame.halfs())).toList());

        assertThat(score(drawn)).isEqualTo(live);
    }
}

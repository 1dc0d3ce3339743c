package dev.moderato.inference.policy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs the tests that a policy file holds. */
public final class PolicyTests {
    /** Turns a test's image into embeddings, one a frame. */
    @FunctionalInterface
    public interface Images {
        /**
         * Reads, decodes and encodes.
         *
         * @param image the path as the policy file has it, relative to that file
         * @throws IOException where it cannot be read or is not an image; the message says why
         */
        List<Embedding> embed(String image) throws IOException;
    }

    /**
     * Something that a test expected and did not get.
     *
     * @param label the label; on a group or on the whole verdict, the one that decided
     * @param expected what the file expects of {@code of}
     * @param score of {@code label}, in [0, 1]
     * @param threshold the one that the score should have reached or stayed below; null where there is none
     * @param by how far the score is on the wrong side of it
     */
    public record Miss(
            String of,
            String label,
            Verdict expected,
            Verdict actual,
            double score,
            @Nullable Double threshold,
            double by,
            String winningPrompt,
            String nearestNeutral) {

        /** What was expected, what came, and by how much it is off, in a few words. */
        @Override
        public String toString() {
            String limit =
                    threshold == null ? "" : String.format(Locale.ROOT, ", %.3f off the threshold %s", by, threshold);
            return String.format(
                    Locale.ROOT,
                    "%s expected %s, got %s (%s %.3f%s)",
                    of,
                    expected.word(),
                    actual.word(),
                    of.equals(label) ? "score" : label,
                    score,
                    limit);
        }
    }

    /**
     * What became of one test.
     *
     * @param problem why it could not be run; null where it was
     */
    public record Result(
            PolicyTest test, List<Miss> misses, @Nullable String problem) {
        public Result {
            misses = List.copyOf(misses);
        }

        public boolean passed() {
            return problem == null && misses.isEmpty();
        }

        /** The image and what is wrong, in one line. */
        @Override
        public String toString() {
            String where = test.image() + (test.surface() == null ? "" : " on " + test.surface()) + ": ";
            if (problem != null) {
                return where + problem;
            }
            return where
                    + (misses.isEmpty()
                            ? "as expected"
                            : misses.stream().map(Miss::toString).collect(Collectors.joining(", ")));
        }
    }

    private PolicyTests() {}

    /** Runs every test; one that cannot be run is a result like any other. */
    public static List<Result> run(PolicyScorer scorer, Images images) {
        List<Result> results = new ArrayList<>();
        for (PolicyTest test : scorer.policy().tests()) {
            try {
                Decision decision = scorer.score(test.surface(), images.embed(test.image()));
                results.add(new Result(test, misses(test, decision), null));
            } catch (IOException | UnknownSurfaceException e) {
                results.add(new Result(test, List.of(), String.valueOf(e.getMessage())));
            }
        }
        return results;
    }

    private static List<Miss> misses(PolicyTest test, Decision decision) {
        List<Miss> misses = new ArrayList<>();
        Verdict verdict = test.verdict();
        if (verdict != null) {
            add(misses, "the image", verdict, decision.labels());
        }
        new TreeMap<>(test.labels()).forEach((label, expected) -> {
            List<LabelScore> own = decision.labels().stream()
                    .filter(score -> !score.group() && score.label().equals(label))
                    .toList();
            List<LabelScore> members = decision.labels().stream()
                    .filter(score -> Policy.contains(label, score.label()))
                    .toList();
            if (own.isEmpty()) {
                add(misses, label, expected, members);
            } else {
                add(misses, label, expected, own, true);
            }
        });
        return misses;
    }

    private static void add(List<Miss> misses, String of, Verdict expected, List<LabelScore> scores) {
        add(misses, of, expected, scores, false);
    }

    /** Adds a miss unless the most severe outcome among the scores is the expected one. */
    private static void add(
            List<Miss> misses, String of, Verdict expected, List<LabelScore> scores, boolean shadowCounts) {
        LabelScore decisive = null;
        for (LabelScore score : scores) {
            if (!score.group()
                    && (shadowCounts || !score.shadow())
                    && (decisive == null
                            || score.outcome().compareTo(decisive.outcome()) > 0
                            || (score.outcome() == decisive.outcome() && score.score() > decisive.score()))) {
                decisive = score;
            }
        }
        if (decisive == null || decisive.outcome() == expected) {
            return;
        }
        boolean tooMild = decisive.outcome().compareTo(expected) < 0;
        Double threshold = threshold(decisive, tooMild ? expected : above(expected));
        misses.add(new Miss(
                of,
                decisive.label(),
                expected,
                decisive.outcome(),
                decisive.score(),
                threshold,
                threshold == null ? 0 : Math.abs(threshold - decisive.score()),
                decisive.winningPrompt(),
                decisive.nearestNeutral()));
    }

    private static Verdict above(Verdict verdict) {
        return verdict == Verdict.ALLOW ? Verdict.REVIEW : Verdict.BLOCK;
    }

    private static @Nullable Double threshold(LabelScore score, Verdict outcome) {
        return outcome == Verdict.REVIEW && score.review() != null ? score.review() : score.block();
    }
}

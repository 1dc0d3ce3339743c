package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges images under two policies, a batch at a time: {@link #add} each, {@link #run} once, ask, {@link #clear}. Not safe
 * to share between threads.
 */
public final class Rejudging {
    /** A label in both policies; -1 where a policy lacks it. */
    record Pair(String label, int before, int after) {}

    private record Surfaces(CompiledSurface before, CompiledSurface after) {}

    private final PolicyScorer before;
    private final PolicyScorer after;
    private final List<Pair> pairs = new ArrayList<>();
    private final ScoringBatch beforeBatch;
    private final ScoringBatch afterBatch;
    private final List<Surfaces> surfaces = new ArrayList<>();

    public Rejudging(PolicyScorer before, PolicyScorer after) {
        this.before = before;
        this.after = after;
        beforeBatch = before.newBatch();
        afterBatch = after.newBatch();
        TreeSet<String> names = new TreeSet<>();
        before.labels().forEach(label -> names.add(label.label().name()));
        after.labels().forEach(label -> names.add(label.label().name()));
        for (String name : names) {
            pairs.add(new Pair(name, index(before, name), index(after, name)));
        }
    }

    private static int index(PolicyScorer scorer, String label) {
        for (int i = 0; i < scorer.labels().size(); i++) {
            if (scorer.labels().get(i).label().name().equals(label)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Adds an image.
     *
     * @return its number, from 0
     * @throws UnknownSurfaceException where one of the policies lacks the surface; nothing was added
     */
    public int add(@Nullable String surface, List<Embedding> frames) throws UnknownSurfaceException {
        surfaces.add(new Surfaces(before.surface(surface), after.surface(surface)));
        beforeBatch.add(frames);
        return afterBatch.add(frames);
    }

    /** How many images it holds. */
    public int images() {
        return surfaces.size();
    }

    public void run() {
        beforeBatch.run();
        afterBatch.run();
    }

    public void clear() {
        surfaces.clear();
        beforeBatch.clear();
        afterBatch.clear();
    }

    /** The verdict under the first policy. */
    public Verdict before(int image) {
        return beforeBatch.verdictOn(image, surfaces.get(image).before());
    }

    /** The verdict under the second policy. */
    public Verdict after(int image) {
        return afterBatch.verdictOn(image, surfaces.get(image).after());
    }

    /** The second policy's verdict with its explanation. */
    public Decision decision(int image) {
        return afterBatch.decisionOn(image, surfaces.get(image).after());
    }

    /** Whether any live label, and so perhaps the verdict, comes to another outcome. */
    public boolean changed(int image) {
        for (Pair pair : pairs) {
            if (before(image, pair) != after(image, pair)) {
                return true;
            }
        }
        return false;
    }

    /** Every label of either policy, by name. */
    List<Pair> pairs() {
        return pairs;
    }

    Verdict before(int image, Pair pair) {
        return pair.before() < 0
                ? Verdict.ALLOW
                : beforeBatch.outcome(image, pair.before(), surfaces.get(image).before());
    }

    Verdict after(int image, Pair pair) {
        return pair.after() < 0
                ? Verdict.ALLOW
                : afterBatch.outcome(image, pair.after(), surfaces.get(image).after());
    }

    double scoreBefore(int image, Pair pair) {
        return pair.before() < 0 ? 0 : beforeBatch.score(image, pair.before());
    }

    double scoreAfter(int image, Pair pair) {
        return pair.after() < 0 ? 0 : afterBatch.score(image, pair.after());
    }
}

package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges images under two policies and counts what changes. Memory depends on the policies, not on the number of images.
 * Not safe to share between threads: each takes its own, and {@link #merge} brings them together.
 */
public final class PolicyDiff {
    private static final int BATCH = 64;

    /** An outcome that became another. */
    public record Change(Verdict from, Verdict to) {}

    /** An image whose label's score moved across a threshold. */
    public record Example(String id, double before, double after) {
        public double moved() {
            return Math.abs(after - before);
        }
    }

    /** How many images a label judges differently, and those whose score moved most. */
    public record LabelChange(String label, Change change, long count, List<Example> examples) {
        public LabelChange {
            examples = List.copyOf(examples);
        }
    }

    /**
     * What two policies differ in.
     *
     * @param images how many were judged under both
     * @param skipped how many were not, since one of the policies lacks their surface
     * @param before how many images had each verdict under the old policy
     * @param verdicts how many whole verdicts changed, from what to what
     * @param labels by label name
     */
    public record Result(
            long images,
            long skipped,
            Map<Verdict, Long> before,
            Map<Verdict, Long> after,
            Map<Change, Long> verdicts,
            List<LabelChange> labels) {
        public long changed() {
            return verdicts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** A label in both policies; -1 where a policy lacks it. */
    private record Pair(String label, int before, int after) {}

    private record Waiting(String id, CompiledSurface before, CompiledSurface after) {}

    private record Cell(String label, Change change) {}

    private static final class Counter {
        private long count;
    }

    private static final class Tally {
        private final PriorityQueue<Example> examples =
                new PriorityQueue<>(Comparator.comparingDouble(Example::moved).thenComparing(Example::id));
        private long count;

        void add(Example example, int keep) {
            examples.add(example);
            if (examples.size() > keep) {
                examples.remove();
            }
        }
    }

    private final PolicyScorer before;
    private final PolicyScorer after;
    private final int examplesPerChange;
    private final List<Pair> pairs = new ArrayList<>();
    private final ScoringBatch beforeBatch;
    private final ScoringBatch afterBatch;
    private final List<Waiting> waiting = new ArrayList<>();
    /** Every pair of verdicts, changed or not. */
    private final Map<Change, Counter> verdicts = new LinkedHashMap<>();

    private final Map<Cell, Tally> tallies = new TreeMap<>(Comparator.comparing(Cell::label)
            .thenComparing(cell -> cell.change().from())
            .thenComparing(cell -> cell.change().to()));
    private long images;
    private long skipped;

    /** @param examplesPerChange how many ids to keep for each label and kind of change */
    public PolicyDiff(PolicyScorer before, PolicyScorer after, int examplesPerChange) {
        this.before = before;
        this.after = after;
        this.examplesPerChange = examplesPerChange;
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

    /** Takes an image; it is judged at the latest when the result is asked for. */
    public void add(String id, @Nullable String surface, List<Embedding> frames) {
        try {
            waiting.add(new Waiting(id, before.surface(surface), after.surface(surface)));
        } catch (UnknownSurfaceException e) {
            skipped++;
            return;
        }
        beforeBatch.add(frames);
        afterBatch.add(frames);
        if (waiting.size() == BATCH) {
            judge();
        }
    }

    private void judge() {
        beforeBatch.run();
        afterBatch.run();
        for (int i = 0; i < waiting.size(); i++) {
            Waiting image = waiting.get(i);
            Verdict old = beforeBatch.verdictOn(i, image.before());
            Verdict now = afterBatch.verdictOn(i, image.after());
            counter(old, now).count++;
            for (Pair pair : pairs) {
                Verdict from = outcome(beforeBatch, i, pair.before(), image.before());
                Verdict to = outcome(afterBatch, i, pair.after(), image.after());
                if (from != to) {
                    Tally tally =
                            tallies.computeIfAbsent(new Cell(pair.label(), new Change(from, to)), cell -> new Tally());
                    tally.count++;
                    tally.add(
                            new Example(
                                    image.id(),
                                    score(beforeBatch, i, pair.before()),
                                    score(afterBatch, i, pair.after())),
                            examplesPerChange);
                }
            }
        }
        images += waiting.size();
        waiting.clear();
        beforeBatch.clear();
        afterBatch.clear();
    }

    private Counter counter(Verdict from, Verdict to) {
        return verdicts.computeIfAbsent(new Change(from, to), change -> new Counter());
    }

    private static Verdict outcome(ScoringBatch batch, int image, int label, CompiledSurface surface) {
        return label < 0 ? Verdict.ALLOW : batch.outcome(image, label, surface);
    }

    private static double score(ScoringBatch batch, int image, int label) {
        return label < 0 ? 0 : batch.score(image, label);
    }

    /** Adds what another diff of the same policies counted. */
    public void merge(PolicyDiff other) {
        other.judge();
        images += other.images;
        skipped += other.skipped;
        other.verdicts.forEach((change, counter) -> counter(change.from(), change.to()).count += counter.count);
        other.tallies.forEach((cell, tally) -> {
            Tally own = tallies.computeIfAbsent(cell, key -> new Tally());
            own.count += tally.count;
            tally.examples.forEach(example -> own.add(example, examplesPerChange));
        });
    }

    /** What was counted so far. */
    public Result result() {
        judge();
        Map<Change, Long> changes = new LinkedHashMap<>();
        Map<Verdict, Long> old = new EnumMap<>(Verdict.class);
        Map<Verdict, Long> now = new EnumMap<>(Verdict.class);
        for (Verdict verdict : Verdict.values()) {
            old.put(verdict, 0L);
            now.put(verdict, 0L);
        }
        verdicts.forEach((change, counter) -> {
            old.merge(change.from(), counter.count, Long::sum);
            now.merge(change.to(), counter.count, Long::sum);
            if (change.from() != change.to()) {
                changes.put(change, counter.count);
            }
        });
        List<LabelChange> labels = new ArrayList<>();
        tallies.forEach((cell, tally) -> labels.add(new LabelChange(
                cell.label(),
                cell.change(),
                tally.count,
                tally.examples.stream()
                        .sorted(Comparator.comparingDouble(Example::moved)
                                .reversed()
                                .thenComparing(Example::id))
                        .toList())));
        return new Result(images, skipped, old, now, changes, labels);
    }
}

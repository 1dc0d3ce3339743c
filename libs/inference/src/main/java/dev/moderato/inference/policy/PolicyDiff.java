package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges images under two policies and counts what changes. Memory depends on the policies, not on the number of images.
 * Not safe to share between threads: each takes its own, and {@link #merge} brings them together.
 *
 * @param <I> what names an image; its order decides between examples that moved equally far
 */
public final class PolicyDiff<I extends Comparable<? super I>> {
    private static final int BATCH = 64;

    /** An outcome that became another. */
    public record Change(Verdict from, Verdict to) {}

    /** An image whose label's score moved across a threshold. */
    public record Example<I>(I image, double before, double after) {
        public double moved() {
            return Math.abs(after - before);
        }
    }

    /** How many images a label judges differently, and those whose score moved most. */
    public record LabelChange<I>(String label, Change change, long count, List<Example<I>> examples) {
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
    public record Result<I>(
            long images,
            long skipped,
            Map<Verdict, Long> before,
            Map<Verdict, Long> after,
            Map<Change, Long> verdicts,
            List<LabelChange<I>> labels) {
        public long changed() {
            return verdicts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private record Cell(String label, Change change) {}

    private static final class Counter {
        private long count;
    }

    private static final class Tally<I extends Comparable<? super I>> {
        private final PriorityQueue<Example<I>> examples = new PriorityQueue<>(
                Comparator.<Example<I>>comparingDouble(Example::moved).thenComparing(Example::image));
        private long count;

        void add(Example<I> example, int keep) {
            examples.add(example);
            if (examples.size() > keep) {
                examples.remove();
            }
        }
    }

    private final Rejudging batch;
    private final int examplesPerChange;
    private final List<I> waiting = new ArrayList<>();
    /** Every pair of verdicts, changed or not. */
    private final Map<Change, Counter> verdicts = new LinkedHashMap<>();

    private final Map<Cell, Tally<I>> tallies = new TreeMap<>(Comparator.comparing(Cell::label)
            .thenComparing(cell -> cell.change().from())
            .thenComparing(cell -> cell.change().to()));
    private long images;
    private long skipped;

    /** @param examplesPerChange how many images to keep for each label and kind of change */
    public PolicyDiff(PolicyScorer before, PolicyScorer after, int examplesPerChange) {
        this.batch = new Rejudging(before, after);
        this.examplesPerChange = examplesPerChange;
    }

    /** Takes an image; it is judged at the latest when the result is asked for. */
    public void add(I image, @Nullable String surface, List<Embedding> frames) {
        try {
            batch.add(surface, frames);
        } catch (UnknownSurfaceException e) {
            skipped++;
            return;
        }
        waiting.add(image);
        if (waiting.size() == BATCH) {
            judge();
        }
    }

    private void judge() {
        batch.run();
        for (int i = 0; i < waiting.size(); i++) {
            counter(batch.before(i), batch.after(i)).count++;
            for (Rejudging.Pair pair : batch.pairs()) {
                Verdict from = batch.before(i, pair);
                Verdict to = batch.after(i, pair);
                if (from != to) {
                    Tally<I> tally = tallies.computeIfAbsent(
                            new Cell(pair.label(), new Change(from, to)), cell -> new Tally<>());
                    tally.count++;
                    tally.add(
                            new Example<>(waiting.get(i), batch.scoreBefore(i, pair), batch.scoreAfter(i, pair)),
                            examplesPerChange);
                }
            }
        }
        images += waiting.size();
        waiting.clear();
        batch.clear();
    }

    private Counter counter(Verdict from, Verdict to) {
        return verdicts.computeIfAbsent(new Change(from, to), change -> new Counter());
    }

    /** Adds what another diff of the same policies counted. */
    public void merge(PolicyDiff<I> other) {
        other.judge();
        images += other.images;
        skipped += other.skipped;
        other.verdicts.forEach((change, counter) -> counter(change.from(), change.to()).count += counter.count);
        other.tallies.forEach((cell, tally) -> {
            Tally<I> own = tallies.computeIfAbsent(cell, key -> new Tally<>());
            own.count += tally.count;
            tally.examples.forEach(example -> own.add(example, examplesPerChange));
        });
    }

    /** What was counted so far. */
    public Result<I> result() {
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
        List<LabelChange<I>> labels = new ArrayList<>();
        tallies.forEach((cell, tally) -> labels.add(new LabelChange<>(
                cell.label(),
                cell.change(),
                tally.count,
                tally.examples.stream()
                        .sorted(Comparator.<Example<I>>comparingDouble(Example::moved)
                                .reversed()
                                .thenComparing(Example::image))
                        .toList())));
        return new Result<>(images, skipped, old, now, changes, labels);
    }
}

package dev.moderato.cli.policy;

import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ImagePublisher;
import dev.moderato.cli.cluster.Outcome;
import dev.moderato.cli.cluster.OutcomeTail;
import dev.moderato.events.ModerationResult;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A steady stream of images, and what became of each, until it is closed. */
final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 20;

    private final Set<String> published = ConcurrentHashMap.newKeySet();
    private final List<ModerationResult> results = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final OutcomeTail tail;
    private final Thread publishing;
    private final Thread reading;
    private volatile boolean stopped;
    private volatile boolean closed;

    Load(Cluster cluster, byte[] image) {
        this.tail = OutcomeTail.fromNow(cluster);
        this.publishing = new Thread(() -> publish(cluster, image), "load");
        this.reading = new Thread(this::read, "outcomes");
        publishing.start();
        reading.start();
    }

    private void publish(Cluster cluster, byte[] image) {
        try (ImagePublisher publisher = ImagePublisher.to(cluster)) {
            for (int i = 0; !stopped; i++) {
                String id = "load-" + i;
                publisher.publish(id, image);
                published.add(id);
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        while (!closed) {
            for (Outcome outcome : tail.poll(Duration.ofMillis(100))) {
                if (outcome instanceof Outcome.Judged judged) {
                    results.add(judged.result());
                } else {
                    failures.add(((Outcome.Failed) outcome).failure().getReason() + " of " + outcome.id());
                }
            }
        }
    }

    /** Waits for a result like this and returns it. */
    ModerationResult await(String what, Predicate<ModerationResult> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int from = 0;
        while (System.nanoTime() < deadline) {
            int to = results.size();
            for (ModerationResult result : results.subList(from, to)) {
                if (wanted.test(result)) {
                    return result;
                }
            }
            from = to;
            Thread.sleep(20);
        }
        throw new AssertionError("no result " + what + " within " + PATIENCE + "; the last: "
                + (results.isEmpty() ? "none" : results.get(results.size() - 1).getPolicy()) + ", failures "
                + failures);
    }

    /** Stops publishing, waits for the last outcome, and returns every result. */
    List<ModerationResult> finish() throws InterruptedException {
        stopped = true;
        publishing.join();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (results.size() + failures.size() < published.size() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        return List.copyOf(results);
    }

    /** The ids that were published, in order. */
    Set<String> published() {
        return new TreeSet<>(published);
    }

    List<String> failures() {
        return failures;
    }

    @Override
    public void close() {
        stopped = true;
        closed = true;
        try {
            publishing.join();
            reading.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tail.close();
    }
}

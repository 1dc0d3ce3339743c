package dev.moderato.cli;

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
public final class Load implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final String PREFIX = "load-";

    private final Set<String> published = ConcurrentHashMap.newKeySet();
    private final List<ModerationResult> results = new CopyOnWriteArrayList<>();
    /** Results of images that others published. */
    private final List<ModerationResult> others = new CopyOnWriteArrayList<>();

    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final OutcomeTail tail;
    private final Thread publishing;
    private final Thread reading;
    private volatile Duration pause;
    private volatile boolean stopped;
    private volatile boolean closed;

    /** The same image, fifty times a second. */
    public Load(Cluster cluster, byte[] image) {
        this(cluster, List.of(image), PAUSE);
    }

    /** Images in turn: number i of the load is image i modulo their number. */
    public Load(Cluster cluster, List<byte[]> images, Duration pause) {
        this.pause = pause;
        this.tail = OutcomeTail.fromNow(cluster);
        this.publishing = new Thread(() -> publish(cluster, images), "load");
        this.reading = new Thread(this::read, "outcomes");
        publishing.start();
        reading.start();
    }

    private void publish(Cluster cluster, List<byte[]> images) {
        try (ImagePublisher publisher = ImagePublisher.to(cluster)) {
            for (int i = 0; !stopped; i++) {
                String id = PREFIX + i;
                publisher.publish(id, images.get(i % images.size()));
                published.add(id);
                Thread.sleep(pause.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        while (!closed) {
            for (Outcome outcome : tail.poll(Duration.ofMillis(100))) {
                if (outcome instanceof Outcome.Judged judged) {
                    (judged.id().startsWith(PREFIX) ? results : others).add(judged.result());
                } else {
                    failures.add(((Outcome.Failed) outcome).failure().getReason() + " of " + outcome.id());
                }
            }
        }
    }

    /** The number of an image of the load. */
    public static int number(String id) {
        return Integer.parseInt(id.substring(PREFIX.length()));
    }

    /** Changes the time between two images. */
    public void pause(Duration other) {
        pause = other;
    }

    /** Waits until so many images were published. */
    public void awaitPublished(int count) throws InterruptedException {
        while (published.size() < count) {
            Thread.sleep(20);
        }
    }

    /** Waits for a result of the load like this and returns it. */
    public ModerationResult await(String what, Predicate<ModerationResult> wanted) throws InterruptedException {
        return await(what, results, 0, wanted);
    }

    /** The same of those that are still to come. */
    public ModerationResult awaitNext(String what, Predicate<ModerationResult> wanted) throws InterruptedException {
        return await(what, results, results.size(), wanted);
    }

    /** Waits for the result of an image that somebody else published. */
    public ModerationResult awaitOther(String id) throws InterruptedException {
        return await("of " + id, others, 0, result -> result.getId().equals(id));
    }

    private ModerationResult await(
            String what, List<ModerationResult> among, int start, Predicate<ModerationResult> wanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int from = start;
        while (System.nanoTime() < deadline) {
            int to = among.size();
            for (ModerationResult result : among.subList(from, to)) {
                if (wanted.test(result)) {
                    return result;
                }
            }
            from = to;
            Thread.sleep(20);
        }
        throw new AssertionError("no result " + what + " within " + PATIENCE + "; the last: "
                + (among.isEmpty() ? "none" : among.get(among.size() - 1).getPolicy()) + ", failures " + failures);
    }

    /** Stops publishing, waits for the last outcome, and returns every result. */
    public List<ModerationResult> finish() throws InterruptedException {
        stopped = true;
        publishing.join();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (results.size() + failures.size() < published.size() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        return List.copyOf(results);
    }

    /** The ids that were published, in order. */
    public Set<String> published() {
        return new TreeSet<>(published);
    }

    public List<String> failures() {
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

package dev.moderato.streams.emit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.errors.StreamsException;

/**
 * One task's records in work, in the order they came: what is finished leaves from the front only, so the order per
 * partition is kept. Used by the stream thread alone.
 *
 * @param <C> what is remembered of a record
 * @param <R> what its work gives
 */
final class PendingRing<C, R> {
    private record Pending<C, R>(C record, CompletableFuture<R> work) {}

    private final int capacity;
    private final Duration patience;
    private final BiConsumer<C, R> send;
    private final Queue<Pending<C, R>> ring = new ArrayDeque<>();

    /**
     * @param patience longest wait for the work of one ring
     * @param send gets each finished record in order
     */
    PendingRing(int capacity, Duration patience, BiConsumer<C, R> send) {
        this.capacity = capacity;
        this.patience = patience;
        this.send = send;
    }

    boolean isEmpty() {
        return ring.isEmpty();
    }

    void add(C record, CompletableFuture<R> work) {
        ring.add(new Pending<>(record, work));
    }

    /** Sends what is finished at the front; never waits. */
    void sendFinished() {
        while (!ring.isEmpty() && ring.element().work().isDone()) {
            sendFirst(0);
        }
    }

    /** Sends what is finished, and waits for the front as long as there is no room. */
    void makeRoom() {
        sendFinished();
        if (ring.size() >= capacity) {
            sendFirst(System.nanoTime() + patience.toNanos());
            sendFinished();
        }
    }

    /** Waits for everything and sends it. */
    void drain() {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!ring.isEmpty()) {
            sendFirst(deadline);
        }
    }

    /** Forgets everything; work that has not begun is not done. */
    void discard() {
        ring.forEach(pending -> pending.work().cancel(false));
        ring.clear();
    }

    private void sendFirst(long deadline) {
        Pending<C, R> first = ring.element();
        R result = await(first.work(), deadline);
        ring.remove();
        send.accept(first.record(), result);
    }

    private R await(CompletableFuture<R> work, long deadline) {
        try {
            return work.isDone() ? work.get() : work.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new StreamsException("an image could not be worked on: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            // Kafka's own TimeoutException must never leave a task: Streams would take it for a corrupted one
            throw new StreamsException(
                    ring.size() + " images were still in work after " + patience.toMillis() + " ms (stream.drain)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StreamsException("interrupted while images were in work", e);
        }
    }
}

package dev.moderato.streams.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Collects items from many threads into batches for one runner, which one thread of its own drives. A batch leaves when
 * it is full, when its oldest item has waited {@code linger}, or when nothing else is on its way: so an idle stream pays
 * no linger, and a full one fills its batches while the batch before runs.
 */
public final class DynamicBatcher<T, R> implements AutoCloseable {
    /**
     * A request that has run.
     *
     * @param results one an item, in the same order
     * @param nanos that the runs of the batches took which its items were in
     */
    public record Ran<R>(List<R> results, long nanos) {
        public Ran {
            results = List.copyOf(results);
        }
    }

    /** A promise that items will come; while one is open, batches may linger for them. */
    public final class Announcement {
        private boolean open = true;

        private Announcement() {}

        /**
         * Hands in the items of one request; they may run in different batches.
         *
         * @return their results, or the failure of a batch that one of them was in
         */
        public CompletableFuture<Ran<R>> submit(List<T> items) {
            return enqueue(this, items);
        }

        /** Takes the promise back; does nothing after {@link #submit}. */
        public void withdraw() {
            lock.lock();
            try {
                keep();
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        private void keep() {
            if (open) {
                open = false;
                announced--;
            }
        }
    }

    private final class Request {
        private final CompletableFuture<Ran<R>> future = new CompletableFuture<>();
        private final List<@Nullable R> results;
        private int missing;
        private int lastBatch;
        private long nanos;

        private Request(int size) {
            results = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                results.add(null);
            }
            missing = size;
        }

        // Only the batcher's own thread calls this.
        private void put(int index, R result, int batch, long ranNanos) {
            results.set(index, result);
            if (batch != lastBatch) {
                lastBatch = batch;
                nanos += ranNanos;
            }
            if (--missing == 0) {
                List<R> all = new ArrayList<>(results.size());
                for (R each : results) {
                    if (each != null) {
                        all.add(each);
                    }
                }
                future.complete(new Ran<>(all, nanos));
            }
        }
    }

    private record Entry<T, R>(T item, DynamicBatcher<T, R>.Request request, int index, long arrived) {}

    private final BatchRunner<T, R> runner;
    private final long lingerNanos;
    private final BatchListener listener;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Entry<T, R>> queue = new ArrayDeque<>();
    private int announced;
    private boolean closed;
    /** Counts the batches from 1. */
    private int batches;

    public DynamicBatcher(String name, BatchRunner<T, R> runner, long lingerNanos, BatchListener listener) {
        this.runner = runner;
        this.lingerNanos = lingerNanos;
        this.listener = listener;
        this.thread = new Thread(this::runBatches, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Says that items are on their way. */
    public Announcement announce() {
        lock.lock();
        try {
            announced++;
            return new Announcement();
        } finally {
            lock.unlock();
        }
    }

    /** Items that wait for a batch. */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends after what was handed in has run; what comes later fails. Waits for the last batch. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<Ran<R>> enqueue(Announcement announcement, List<T> items) {
        if (items.isEmpty()) {
            throw new IllegalArgumentException("a request has at least one item");
        }
        Request request = new Request(items.size());
        lock.lock();
        try {
            announcement.keep();
            if (closed) {
                return CompletableFuture.failedFuture(new IllegalStateException(thread.getName() + " is closed"));
            }
            long now = System.nanoTime();
            for (int i = 0; i < items.size(); i++) {
                queue.add(new Entry<>(items.get(i), request, i, now));
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
        return request.future;
    }

    private void runBatches() {
        List<Entry<T, R>> batch = new ArrayList<>();
        while (true) {
            batch.clear();
            int limit = runner.limit();
            if (!collect(batch, limit)) {
                return;
            }
            run(batch, limit);
        }
    }

    /** Waits for a batch; false where there will be none. */
    private boolean collect(List<Entry<T, R>> batch, int limit) {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    return false;
                }
                changed.awaitUninterruptibly();
            }
            long deadline = queue.element().arrived() + lingerNanos;
            while (queue.size() < limit && announced > 0 && !closed) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                changed.awaitNanos(left);
            }
            return take(batch, limit);
        } catch (InterruptedException e) {
            // nobody interrupts this thread; a batch that leaves early does no harm
            return take(batch, limit);
        } finally {
            lock.unlock();
        }
    }

    private boolean take(List<Entry<T, R>> batch, int limit) {
        while (batch.size() < limit && !queue.isEmpty()) {
            batch.add(queue.remove());
        }
        return true;
    }

    private void run(List<Entry<T, R>> batch, int limit) {
        long started = System.nanoTime();
        try {
            List<T> items = new ArrayList<>(batch.size());
            batch.forEach(entry -> items.add(entry.item()));
            List<R> results = runner.run(items);
            if (results.size() != batch.size()) {
                throw new IllegalStateException(results.size() + " results for " + batch.size() + " items");
            }
            long took = System.nanoTime() - started;
            listener.ran(batch.size(), limit, started - batch.get(0).arrived(), took);
            batches++;
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).request().put(batch.get(i).index(), results.get(i), batches, took);
            }
        } catch (RuntimeException | Error e) {
            batch.forEach(entry -> entry.request().future.completeExceptionally(e));
        }
    }
}

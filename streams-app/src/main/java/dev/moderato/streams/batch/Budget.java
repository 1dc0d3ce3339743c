package dev.moderato.streams.batch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What may be in work at once, over all partitions: bytes and items. Whoever waits longest is served first. One item
 * larger than the whole budget is let in alone.
 *
 * <p>What turns out to be larger than it was let in for {@linkplain Permit#grow grows}, before anything new is let in.
 *
 * <p>A commit waits for all that is in work, so there must not be more than the encoder finishes in time, however slow it
 * is. The number of items starts small, grows with each that was held for less than the target, and halves when one was
 * held for longer.
 */
public final class Budget {
    /** A share of the budget. */
    public final class Permit {
        private final long bytes;
        private final long since = System.nanoTime();
        private final AtomicBoolean held = new AtomicBoolean(true);
        private long grown;

        private Permit(long bytes) {
            this.bytes = bytes;
        }

        /**
         * Makes the share larger, waiting for room; what it grew by before is given back. One that grows while no other
         * has always may, so whoever holds a share comes to an end.
         */
        public void grow(long more) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                shrink();
                awaitGrowth(more);
                grown = more;
            } finally {
                lock.unlock();
            }
        }

        /** Gives the share back; a second call does nothing. */
        public void release() {
            if (held.compareAndSet(true, false)) {
                giveBack(this);
            }
        }

        private void shrink() {
            bytesInUse -= grown;
            growth -= grown;
            grown = 0;
        }
    }

    private static final int START = 4;

    private final long maxBytes;
    private final int maxItems;
    private final long targetNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Condition> waiting = new ArrayDeque<>();
    private final Condition growthLeft = lock.newCondition();
    private long bytesInUse;
    /** What of the bytes shares have grown by. */
    private long growth;

    private int growing;
    private int items;
    private int allowed;
    private long shrunkAt = System.nanoTime();

    /**
     * @param target how long an item may be held before fewer are let in
     */
    public Budget(long maxBytes, int maxItems, Duration target) {
        if (maxBytes < 1 || maxItems < 1) {
            throw new IllegalArgumentException("a budget holds at least one byte and one item");
        }
        this.maxBytes = maxBytes;
        this.maxItems = maxItems;
        this.targetNanos = target.toNanos();
        this.allowed = Math.min(maxItems, START);
    }

    /**
     * Takes a share, waiting for room.
     *
     * @param timeoutMillis longest wait
     * @throws TimeoutException where there was no room in time
     */
    public Permit acquire(long wanted, long timeoutMillis) throws InterruptedException, TimeoutException {
        lock.lockInterruptibly();
        try {
            if (!waiting.isEmpty() || !fits(wanted)) {
                awaitTurn(wanted, timeoutMillis);
            }
            bytesInUse += wanted;
            items++;
            return new Permit(wanted);
        } finally {
            lock.unlock();
        }
    }

    public long bytesInUse() {
        lock.lock();
        try {
            return bytesInUse;
        } finally {
            lock.unlock();
        }
    }

    public int itemsInUse() {
        lock.lock();
        try {
            return items;
        } finally {
            lock.unlock();
        }
    }

    /** Items that may be in work at once, as things are. */
    public int itemsAllowed() {
        lock.lock();
        try {
            return allowed;
        } finally {
            lock.unlock();
        }
    }

    private void awaitTurn(long wanted, long timeoutMillis) throws InterruptedException, TimeoutException {
        Condition turn = lock.newCondition();
        waiting.addLast(turn);
        long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        try {
            while (waiting.peekFirst() != turn || !fits(wanted)) {
                if (left <= 0) {
                    throw new TimeoutException(
                            "no room for " + wanted + " bytes within " + timeoutMillis + " ms: " + bytesInUse + " of "
                                    + maxBytes + " bytes and " + items + " of " + allowed + " images are in work");
                }
                left = turn.awaitNanos(left);
            }
        } finally {
            waiting.remove(turn);
            wakeFirst();
        }
    }

    private boolean fits(long wanted) {
        return items == 0 || (growing == 0 && items < allowed && bytesInUse + wanted <= maxBytes);
    }

    private void awaitGrowth(long more) throws InterruptedException {
        growing++;
        try {
            while (growth > 0 && bytesInUse + more > maxBytes) {
                growthLeft.await();
            }
            bytesInUse += more;
            growth += more;
        } finally {
            growing--;
            wakeFirst();
        }
    }

    private void giveBack(Permit permit) {
        lock.lock();
        try {
            permit.shrink();
            bytesInUse -= permit.bytes;
            items--;
            growthLeft.signalAll();
            long now = System.nanoTime();
            if (now - permit.since < targetNanos) {
                allowed = Math.min(maxItems, allowed + 1);
            } else if (permit.since > shrunkAt) {
                // at most once for all that was let in together
                allowed = Math.max(1, allowed / 2);
                shrunkAt = now;
            }
            wakeFirst();
        } finally {
            lock.unlock();
        }
    }

    private void wakeFirst() {
        Condition first = waiting.peekFirst();
        if (first != null) {
            first.signal();
        }
    }
}

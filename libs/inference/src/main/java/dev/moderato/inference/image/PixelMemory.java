package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The memory that all images in flight share: a budget, whose buffers are kept and used again. First come, first served. */
final class PixelMemory {
    /** Larger buffers are not kept: what one huge image needed should not stay taken for ever. */
    private static final long KEPT_BYTES = 64L << 20;

    /** Buffers are made a little larger than asked for, so that images of about one size share them. */
    private static final long STEP = 256L << 10;

    private final ImageLimits limits;
    private final List<Workspace> idle = new ArrayList<>();
    private final Deque<Object> waiting = new ArrayDeque<>();
    private long used;

    PixelMemory(ImageLimits limits) {
        this.limits = limits;
    }

    /** Memory on loan to one image. */
    final class Lease implements AutoCloseable {
        private final Workspace workspace;
        private final long codec;

        private Lease(Workspace workspace, long codec) {
            this.workspace = workspace;
            this.codec = codec;
        }

        Workspace workspace() {
            return workspace;
        }

        @Override
        public void close() {
            giveBack(this);
        }
    }

    /**
     * Waits for a share of the memory.
     *
     * @param need what the image takes
     * @throws ImageRejected TOO_MANY_PIXELS where the whole budget is too little, NO_MEMORY where none became free in time
     */
    synchronized Lease borrow(MemoryNeed need) throws ImageRejected {
        long capacity = Math.max(STEP, (need.buffer() + STEP - 1) / STEP * STEP);
        if (capacity + need.codec() > limits.memoryBudgetBytes()) {
            throw new ImageRejected(
                    Reason.TOO_MANY_PIXELS,
                    "decoding takes " + (capacity + need.codec()) + " bytes of memory; the budget for all images is "
                            + limits.memoryBudgetBytes());
        }
        if (!waiting.isEmpty() || !fits(capacity, need.codec())) {
            await(capacity, need.codec());
        }
        return new Lease(workspace(capacity, need.codec()), need.codec());
    }

    /** How many images wait for memory. */
    synchronized int waiting() {
        return waiting.size();
    }

    private void await(long capacity, long codec) throws ImageRejected {
        if (waiting.size() >= limits.maxWaiting()) {
            throw new ImageRejected(Reason.NO_MEMORY, waiting.size() + " other images wait for memory already");
        }
        Object ticket = new Object();
        waiting.add(ticket);
        long deadline = System.nanoTime() + limits.maxWait().toNanos();
        try {
            while (waiting.peek() != ticket || !fits(capacity, codec)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new ImageRejected(
                            Reason.NO_MEMORY,
                            "no " + (capacity + codec) + " bytes of the " + limits.memoryBudgetBytes()
                                    + " for all images became free in " + limits.maxWait());
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageRejected(Reason.NO_MEMORY, "stopped while waiting for memory");
        } finally {
            waiting.remove(ticket);
            notifyAll();
        }
    }

    private boolean fits(long capacity, long codec) {
        long inIdle = idle.stream().mapToLong(Workspace::capacity).sum();
        return used - inIdle + capacity + codec <= limits.memoryBudgetBytes();
    }

    private Workspace workspace(long capacity, long codec) throws ImageRejected {
        Optional<Workspace> fitting = idle.stream()
                .filter(workspace -> workspace.capacity() >= capacity)
                .min(Comparator.comparingLong(Workspace::capacity));
        if (fitting.isPresent() && used + codec <= limits.memoryBudgetBytes()) {
            idle.remove(fitting.get());
            used += codec;
            return fitting.get();
        }
        // One buffer too small goes for each new one, so that there are never more than images at a time.
        do {
            idle.stream().max(Comparator.comparingLong(Workspace::capacity)).ifPresent(this::drop);
        } while (used + capacity + codec > limits.memoryBudgetBytes());
        Workspace made = allocate(capacity);
        used += capacity + codec;
        return made;
    }

    private void drop(Workspace workspace) {
        idle.remove(workspace);
        used -= workspace.capacity();
        workspace.free();
    }

    private static Workspace allocate(long capacity) throws ImageRejected {
        try {
            return new Workspace(capacity);
        } catch (OutOfMemoryError e) {
            throw new ImageRejected(
                    Reason.NO_MEMORY, "the system has no " + capacity + " bytes of memory: " + e.getMessage());
        }
    }

    private synchronized void giveBack(Lease lease) {
        lease.workspace.reset();
        used -= lease.codec;
        idle.add(lease.workspace);
        if (lease.workspace.capacity() > KEPT_BYTES) {
            drop(lease.workspace);
        }
        notifyAll();
    }
}

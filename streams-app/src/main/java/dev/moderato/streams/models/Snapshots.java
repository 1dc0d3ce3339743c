package dev.moderato.streams.models;

import org.jspecify.annotations.Nullable;

/** The current snapshot. Swapped as a whole, so no image sees a mixture. */
public final class Snapshots {
    private @Nullable Snapshot current;

    /** A snapshot that stays usable until it is closed. */
    public static final class Pin implements AutoCloseable {
        private final Snapshot snapshot;
        private boolean held = true;

        private Pin(Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        public Snapshot snapshot() {
            return snapshot;
        }

        /** Lets go; a second call does nothing. */
        @Override
        public synchronized void close() {
            if (held) {
                held = false;
                snapshot.model().release();
            }
        }
    }

    /**
     * Pins what is current.
     *
     * @throws IllegalStateException where there is none yet, or no longer
     */
    public synchronized Pin pin() {
        Snapshot snapshot = current;
        if (snapshot == null || !snapshot.model().retain()) {
            throw new IllegalStateException("no model and policies are in service");
        }
        return new Pin(snapshot);
    }

    /** The current snapshot to look at; may be closed at any moment. */
    public synchronized @Nullable Snapshot peek() {
        return current;
    }

    /** Makes a snapshot current. Its model's first reference passes to this object; the old model's is let go. */
    public void swap(Snapshot next) {
        ServingModel old;
        synchronized (this) {
            old = current == null ? null : current.model();
            current = next;
        }
        if (old != null && old != next.model()) {
            old.release();
        }
    }

    /** Lets go of the current model. */
    public void close() {
        Snapshot last;
        synchronized (this) {
            last = current;
            current = null;
        }
        if (last != null) {
            last.model().release();
        }
    }
}

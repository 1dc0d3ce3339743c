package dev.moderato.streams.batch;

/** Hears of every batch that ran. */
public interface BatchListener {
    /** Hears nothing. */
    BatchListener NONE = (size, limit, waited, ran) -> {};

    /**
     * A batch ran.
     *
     * @param size items in the batch
     * @param limit most that it might have had
     * @param waitedNanos how long its oldest item had waited
     * @param ranNanos how long the run took
     */
    void ran(int size, int limit, long waitedNanos, long ranNanos);
}

package dev.moderato.streams.batch;

import java.util.List;

/** Runs one batch at a time. */
public interface BatchRunner<T, R> {
    /** Most items that the next batch may have, at least 1; may change between batches. */
    int limit();

    /**
     * Runs a batch.
     *
     * @return one result an item, in the same order
     * @throws RuntimeException where no item has a result: every item of the batch fails with it
     */
    List<R> run(List<T> batch);
}

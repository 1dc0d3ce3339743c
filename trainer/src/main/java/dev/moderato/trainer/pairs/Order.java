package dev.moderato.trainer.pairs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which rows make which batch: a function of the seed and the batch's number alone, so that a resumed run sees what an uninterrupted one
 * would have seen. The last batch of an epoch may be smaller: every row is used.
 */
final class Order {
    private final List<Integer> rows;
    private final int batchSize;
    private final boolean shuffle;
    private final long seed;
    private long epoch = -1;
    private List<Integer> current = List.of();

    Order(List<Integer> rows, int batchSize, boolean shuffle, long seed) {
        this.rows = List.copyOf(rows);
        this.batchSize = batchSize;
        this.shuffle = shuffle;
        this.seed = seed;
    }

    long batchesPerEpoch() {
        return (rows.size() + batchSize - 1L) / batchSize;
    }

    /** @param number from 0, over all epochs */
    List<Integer> batch(long number) {
        long wanted = number / batchesPerEpoch();
        if (wanted != epoch) {
            List<Integer> order = new ArrayList<>(rows);
            if (shuffle) {
                // The epoch is mixed in by a large odd number, so that neighbouring seeds share no epoch.
                Collections.shuffle(order, new Random(seed + wanted * 0x9E3779B97F4A7C15L));
            }
            current = order;
            epoch = wanted;
        }
        int from = (int) (number % batchesPerEpoch()) * batchSize;
        return current.subList(from, Math.min(from + batchSize, current.size()));
    }
}

package dev.moderato.trainer.scratch;

import dev.moderato.pictograms.Sample;
import dev.moderato.pictograms.Samples;
import dev.moderato.trainer.train.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** Draws batches in background threads, ahead of the step that takes them; what is in a batch
 * depends on its number alone. */
final class PictogramBatches implements AutoCloseable {
    /** The length of texts is rounded up to this, so that few shapes occur. */
    private static final int LENGTH_STEP = 4;
    /** Behind a text's end token; the same as in the bundle. */
    static final long PADDING = 0;

    private final Samples samples;
    private final BytePairEncoder encoder;
    private final Architecture architecture;
    private final int batchSize;
    private final ExecutorService threads;
    private final int ahead;
    private final Deque<Future<Batch>> drawn = new ArrayDeque<>();
    private long nextDrawn;
    private long nextTaken;

    /** @param samples drawn with the side of the architecture's images */
    PictogramBatches(Samples samples, BytePairEncoder encoder, Architecture architecture, int batchSize, int threads) {
        this.samples = samples;
        this.encoder = encoder;
        this.architecture = architecture;
        this.batchSize = batchSize;
        this.ahead = 2 * threads + 2;
        this.threads = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "pictograms");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The batch of a number from 0; asking in order finds it drawn already. */
    Batch batch(long number) throws InterruptedException {
        if (number != nextTaken) {
            drawn.forEach(future -> future.cancel(true));
            drawn.clear();
            nextDrawn = number;
        }
        while (drawn.size() < ahead) {
            long next = nextDrawn++;
            drawn.add(threads.submit(() -> draw(next)));
        }
        nextTaken = number + 1;
        try {
            return drawn.remove().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("drawing failed: " + e.getCause(), e.getCause());
        }
    }

    private Batch draw(long number) {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < batchSize; i++) {
            batch.add(samples.sample(number * batchSize + i));
        }
        List<List<Integer>> texts = batch.stream()
                .map(sample ->
                        encoder.encode(sample.caption(), architecture.text().context()))
                .toList();
        int longest = texts.stream().mapToInt(List::size).max().orElseThrow();
        int length = Math.min(
                (longest + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP,
                architecture.text().context());
        long[][] tokens = texts.stream().map(text -> padded(text, length)).toArray(long[][]::new);
        return new Batch(
                new Batch.Crops(
                        batch.stream().map(Sample::rgb).toList(), architecture.imageSize(), architecture.imageSize()),
                tokens,
                new Batch.Matrix(
                        matrix(batch, CaptionTruth.Relation.RIGHT), matrix(batch, CaptionTruth.Relation.OPEN)));
    }

    private static long[] padded(List<Integer> text, int length) {
        return LongStream.concat(text.stream().mapToLong(Integer::longValue), LongStream.generate(() -> PADDING))
                .limit(length)
                .toArray();
    }

    private static float[] matrix(List<Sample> batch, CaptionTruth.Relation relation) {
        int size = batch.size();
        float[] matrix = new float[size * size];
        for (int image = 0; image < size; image++) {
            for (int caption = 0; caption < size; caption++) {
                matrix[image * size + caption] =
                        CaptionTruth.of(batch.get(image), batch.get(caption)) == relation ? 1 : 0;
            }
        }
        return matrix;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

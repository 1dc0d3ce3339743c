package dev.moderato.trainer.scratch;

import dev.moderato.pictograms.Sample;
import dev.moderato.pictograms.Samples;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Draws batches in background threads, ahead of the step that takes them; which batch a step gets depends on its number alone. */
final class PictogramBatches implements AutoCloseable {
    /** The length of texts is rounded up to this, so that few shapes occur. */
    private static final int LENGTH_STEP = 4;

    private final Samples samples;
    private final BytePairEncoder encoder;
    private final Architecture architecture;
    private final int batchSize;
    private final ExecutorService threads;
    private final int ahead;
    private final Deque<Future<CaptionedBatch>> drawn = new ArrayDeque<>();
    private long nextStep;

    /** @param samples drawn with the side of the architecture's images */
    PictogramBatches(
            Samples samples,
            BytePairEncoder encoder,
            Architecture architecture,
            int batchSize,
            long firstStep,
            int threads) {
        this.samples = samples;
        this.encoder = encoder;
        this.architecture = architecture;
        this.batchSize = batchSize;
        this.nextStep = firstStep;
        this.ahead = 2 * threads + 2;
        this.threads = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "pictograms");
            thread.setDaemon(true);
            return thread;
        });
    }

    CaptionedBatch next() throws InterruptedException {
        while (drawn.size() < ahead) {
            long step = nextStep++;
            drawn.add(threads.submit(() -> draw(step)));
        }
        try {
            return drawn.remove().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("drawing failed: " + e.getCause(), e.getCause());
        }
    }

    private CaptionedBatch draw(long step) {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < batchSize; i++) {
            batch.add(samples.sample(step * batchSize + i));
        }
        List<List<Integer>> texts = batch.stream()
                .map(sample ->
                        encoder.encode(sample.caption(), architecture.text().context()))
                .toList();
        int longest = texts.stream().mapToInt(List::size).max().orElseThrow();
        int length = Math.min(
                (longest + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP,
                architecture.text().context());
        return new CaptionedBatch(
                batchSize,
                length,
                pixels(batch),
                padded(texts, length),
                matrix(batch, CaptionTruth.Relation.RIGHT),
                matrix(batch, CaptionTruth.Relation.OPEN));
    }

    private float[] pixels(List<Sample> batch) {
        int area = architecture.imageSize() * architecture.imageSize();
        float[] pixels = new float[batch.size() * 3 * area];
        for (int channel = 0; channel < 3; channel++) {
            float[] byLevel = normalised(channel);
            for (int image = 0; image < batch.size(); image++) {
                byte[] rgb = batch.get(image).rgb();
                int at = (image * 3 + channel) * area;
                for (int pixel = 0; pixel < area; pixel++) {
                    pixels[at + pixel] = byLevel[rgb[3 * pixel + channel] & 0xff];
                }
            }
        }
        return pixels;
    }

    private float[] normalised(int channel) {
        float[] byLevel = new float[256];
        for (int level = 0; level < 256; level++) {
            byLevel[level] = (float) ((level / 255.0 - architecture.mean().get(channel))
                    / architecture.std().get(channel));
        }
        return byLevel;
    }

    private static long[] padded(List<List<Integer>> texts, int length) {
        long[] ids = new long[texts.size() * length];
        for (int text = 0; text < texts.size(); text++) {
            for (int i = 0; i < texts.get(text).size(); i++) {
                ids[text * length + i] = texts.get(text).get(i);
            }
        }
        return ids;
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

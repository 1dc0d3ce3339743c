package dev.moderato.cli.bench;

import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.ScoringBatch;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.kernels.Products;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What judging images takes on one thread, in turns with the matrix product in it alone, in thread CPU time.
 *
 * @param batches nanoseconds that a batch of {@value #BATCH} images takes, from its embeddings to its verdicts
 * @param products nanoseconds that the product of as many images with all prompts takes
 */
record ScoringRate(Histogram batches, Histogram products) {
    static final int BATCH = 64;
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final long WARM_UP_NANOS = 2_000_000_000L;
    private static final int ROUNDS = 2000;

    /** @param prompts how many vectors the scorer's policy has, neutral ones included */
    static ScoringRate measure(PolicyScorer scorer, int prompts) {
        int size = scorer.embeddingSize();
        List<List<Embedding>> images = new ArrayList<>();
        float[] frames = new float[BATCH * size];
        for (float[] unit : new RandomTexts(size).encode(names("image", BATCH))) {
            Embedding image = Embedding.ofUnit(unit);
            image.copyTo(frames, images.size() * size);
            images.add(List.of(image));
        }
        float[] vectors = new float[prompts * size];
        float[][] units = new RandomTexts(size).encode(names("prompt", prompts));
        for (int i = 0; i < prompts; i++) {
            System.arraycopy(units[i], 0, vectors, i * size, size);
        }
        float[] packed = Products.pack(vectors, prompts, size);
        float[] out = new float[BATCH * prompts];
        Products kernel = Products.create();
        ScoringBatch batch = scorer.newBatch();
        ScoringRate rate = new ScoringRate(new Histogram(3), new Histogram(3));
        int blocked = blocked(batch, images);
        long warm = CLOCK.getCurrentThreadCpuTime() + WARM_UP_NANOS;
        for (int round = 0; round < ROUNDS; ) {
            long start = CLOCK.getCurrentThreadCpuTime();
            if (blocked(batch, images) != blocked) {
                throw new IllegalStateException("the same images got other verdicts");
            }
            long judged = CLOCK.getCurrentThreadCpuTime();
            kernel.products(frames, BATCH, packed, prompts, size, out);
            long multiplied = CLOCK.getCurrentThreadCpuTime();
            if (start > warm) {
                rate.batches.recordValue(judged - start);
                rate.products.recordValue(multiplied - judged);
                round++;
            }
        }
        return rate;
    }

    private static int blocked(ScoringBatch batch, List<List<Embedding>> images) {
        batch.clear();
        for (List<Embedding> image : images) {
            batch.add(image);
        }
        batch.run();
        int blocked = 0;
        try {
            for (int i = 0; i < images.size(); i++) {
                blocked += batch.verdict(i, null) == Verdict.BLOCK ? 1 : 0;
            }
        } catch (UnknownSurfaceException e) {
            throw new IllegalStateException(e);
        }
        return blocked;
    }

    private static List<String> names(String stem, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(stem + " " + i);
        }
        return names;
    }

    /** Images that a core judges in a second. */
    double imagesPerSecond() {
        return perSecond(batches);
    }

    /** Images that a core multiplies with all prompts in a second. */
    double productsPerSecond() {
        return perSecond(products);
    }

    private static double perSecond(Histogram nanos) {
        return BATCH * 1e9 / nanos.getValueAtPercentile(50);
    }
}

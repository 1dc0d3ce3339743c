package dev.moderato.trainer.runs;

import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.pairs.BundleTowers;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import dev.moderato.trainer.train.NativeThreads;
import dev.moderato.trainer.train.TorchDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Times training steps on noise: forward, backward and AdamW's update of both towers, or of the image tower alone. */
public final class StepTiming {
    private StepTiming() {}

    /**
     * What is timed.
     *
     * @param batchSize pairs of a step
     * @param warmUp steps before the first that counts
     * @param imageOnly freezes the text tower, which then runs forward alone
     */
    public record Request(
            ModelBundle bundle,
            int batchSize,
            int warmUp,
            int steps,
            boolean imageOnly,
            Recipe.Precision precision,
            TorchDevice device,
            int threads) {}

    /**
     * How long it took.
     *
     * @param millis of each step, ascending
     * @param peakMebibytes the process's largest resident memory so far; 0 where the system does not say
     */
    public record Timing(List<Double> millis, long peakMebibytes, long trainedNumbers) {
        /** The time that a share of the steps stays within. */
        public double percentile(double share) {
            return millis.get(Math.min(millis.size() - 1, (int) (share * millis.size())));
        }
    }

    /** Runs all steps. */
    public static Timing measure(Request request) throws IOException {
        try (ContrastiveTrainer trainer = BundleTowers.open(
                request.bundle(),
                recipe(request),
                request.device(),
                request.threads(),
                request.warmUp() + (long) request.steps())) {
            Batch batch = noise(request);
            List<Double> millis = new ArrayList<>();
            for (int step = 0; step < request.warmUp() + request.steps(); step++) {
                long start = System.nanoTime();
                trainer.step(batch);
                if (step >= request.warmUp()) {
                    millis.add((System.nanoTime() - start) / 1e6);
                }
            }
            millis.sort(Double::compare);
            return new Timing(millis, NativeThreads.peakMebibytes(), trainer.trainedNumbers());
        }
    }

    private static Recipe recipe(Request request) {
        try {
            return RecipeParser.parse(
                    "{precision: " + request.precision().name().toLowerCase(java.util.Locale.ROOT) + ", freeze: ["
                            + (request.imageOnly() ? "text" : "") + "]}",
                    "bench");
        } catch (RecipeException e) {
            throw new IllegalStateException("the recipe is written here", e);
        }
    }

    private static Batch noise(Request request) {
        Random random = new Random(1);
        List<byte[]> crops = new ArrayList<>();
        int length = request.bundle().manifest().tokenizer().contextLength();
        long[][] tokens = new long[request.batchSize()][length];
        for (int i = 0; i < request.batchSize(); i++) {
            byte[] crop = new byte[request.bundle().preprocessing().cropBytes()];
            random.nextBytes(crop);
            crops.add(crop);
            Arrays.setAll(tokens[i], k -> 1 + random.nextInt(200));
        }
        return new Batch(
                new Batch.Crops(
                        crops,
                        request.bundle().preprocessing().height(),
                        request.bundle().preprocessing().width()),
                tokens,
                new Batch.Groups(LongStream.range(0, request.batchSize()).toArray()));
    }
}

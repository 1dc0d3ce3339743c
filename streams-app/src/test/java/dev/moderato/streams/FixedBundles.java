package dev.moderato.streams;

import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.streams.batch.EncoderSession;
import dev.moderato.streams.models.BundleOpener;
import dev.moderato.streams.models.ModelIdentity;
import dev.moderato.streams.models.ServingModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Bundles whose encoder takes a fixed time a batch and derives its vectors from the bytes; a hook may throw its faults. */
public final class FixedBundles implements BundleOpener {
    public static final int SIZE = 32;
    private static final Preprocessing PREPROCESSING = Preprocessing.clip(32);

    private final Duration cost;
    private final Consumer<List<byte[]>> fault;
    public final AtomicInteger runs = new AtomicInteger();
    public final AtomicInteger opened = new AtomicInteger();
    public final AtomicInteger closed = new AtomicInteger();

    public FixedBundles(Duration cost, Consumer<List<byte[]>> fault) {
        this.cost = cost;
        this.fault = fault;
    }

    public FixedBundles() {
        this(Duration.ZERO, crops -> {});
    }

    @Override
    public ServingModel.Parts open(Path folder, @Nullable String sha256) {
        opened.incrementAndGet();
        String id = folder.getFileName().toString();
        return new ServingModel.Parts(
                new ModelIdentity(id, sha256 == null ? id : sha256, true),
                PREPROCESSING.toString(),
                PREPROCESSING.cropBytes(),
                ImagePreprocessor.create(PREPROCESSING, ImageLimits.defaults(), DecodeOptions.defaults()),
                new Session(),
                new Texts(),
                new Words(),
                100);
    }

    private static float[] unit(byte[] of) {
        float[] vector = new float[SIZE];
        for (int i = 0; i < of.length; i++) {
            vector[i % SIZE] += of[i] * (1 + i % 7);
        }
        double length = 0;
        for (float component : vector) {
            length += component * component;
        }
        if (length == 0) {
            Arrays.fill(vector, 1);
            length = SIZE;
        }
        for (int i = 0; i < SIZE; i++) {
            vector[i] /= (float) Math.sqrt(length);
        }
        return vector;
    }

    private final class Session implements EncoderSession {
        @Override
        public ImageEncoder encoder() {
            return new ImageEncoder() {
                @Override
                public int embeddingSize() {
                    return SIZE;
                }

                @Override
                public float[][] encode(List<byte[]> crops) {
                    runs.incrementAndGet();
                    fault.accept(crops);
                    sleep();
                    return crops.stream().map(FixedBundles::unit).toArray(float[][]::new);
                }
            };
        }

        private void sleep() {
            try {
                Thread.sleep(cost.toMillis());
            } catch (InterruptedException e) {
                throw new EncoderException(EncoderException.Kind.FAILED, "interrupted", e);
            }
        }

        @Override
        public void reopen() {
            opened.incrementAndGet();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private static final class Texts implements TextEncoder {
        @Override
        public int embeddingSize() {
            return SIZE;
        }

        @Override
        public float[][] encode(List<String> texts) {
            return texts.stream()
                    .map(text -> unit(text.getBytes(StandardCharsets.UTF_8)))
                    .toArray(float[][]::new);
        }
    }

    /** A token a word. */
    private static final class Words implements TokenCounter {
        @Override
        public int count(String text) {
            return text.strip().split("\\s+").length;
        }

        @Override
        public int limit() {
            return 77;
        }
    }
}

package dev.moderato.cli.bench;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that takes the same time for each batch and gives random vectors of CLIP's size. It takes no CPU, so what is
 * measured with it is everything else.
 */
final class FixedCost implements BundleOpener {
    private static final int SIZE = 512;
    private static final Preprocessing PREPROCESSING = Preprocessing.clip(64);

    private final Duration cost;

    FixedCost(Duration cost) {
        this.cost = cost;
    }

    static ImagePreprocessor preprocessor() {
        return ImagePreprocessor.create(PREPROCESSING, ImageLimits.defaults(), DecodeOptions.defaults());
    }

    ImageEncoder encoder() {
        return new Images();
    }

    @Override
    public ServingModel.Parts open(Path folder, @Nullable String sha256) {
        return new ServingModel.Parts(
                new ModelIdentity("fixed", "fixed", false),
                PREPROCESSING.toString(),
                PREPROCESSING.cropBytes(),
                preprocessor(),
                new Session(),
                new Texts(),
                new Words(),
                100);
    }

    private static float[] unit(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] vector = new float[SIZE];
        double squares = 0;
        for (int i = 0; i < SIZE; i++) {
            vector[i] = (float) random.nextDouble(-1, 1);
            squares += vector[i] * vector[i];
        }
        for (int i = 0; i < SIZE; i++) {
            vector[i] /= (float) Math.sqrt(squares);
        }
        return vector;
    }

    private final class Images implements ImageEncoder {
        /** Made beforehand: a GPU would not use the CPU for them either. */
        private final float[][] vectors = new float[256][];

        private Images() {
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = unit(i);
            }
        }

        @Override
        public int embeddingSize() {
            return SIZE;
        }

        @Override
        public float[][] encode(List<byte[]> crops) {
            try {
                Thread.sleep(cost.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EncoderException(EncoderException.Kind.FAILED, "interrupted", e);
            }
            return crops.stream()
                    .map(crop -> vectors[crop[crop.length / 2] & 0xff])
                    .toArray(float[][]::new);
        }
    }

    private final class Session implements EncoderSession {
        private final ImageEncoder images = new Images();

        @Override
        public ImageEncoder encoder() {
            return images;
        }

        @Override
        public void reopen() {}

        @Override
        public void close() {}
    }

    private static final class Texts implements TextEncoder {
        @Override
        public int embeddingSize() {
            return SIZE;
        }

        @Override
        public float[][] encode(List<String> texts) {
            return texts.stream().map(text -> unit(text.hashCode())).toArray(float[][]::new);
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

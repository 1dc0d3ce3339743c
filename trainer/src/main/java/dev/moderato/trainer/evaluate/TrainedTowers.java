package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipTokenizer;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import java.util.Arrays;
import java.util.List;

/** A model's towers as a trainer holds them, to be judged before any file is written. */
record TrainedTowers(ContrastiveTrainer trainer, ModelBundle bundle, ClipTokenizer tokenizer) {
    ImageEncoder images() {
        return new ImageEncoder() {
            @Override
            public int embeddingSize() {
                return bundle.embeddingSize();
            }

            @Override
            public float[][] encode(List<byte[]> crops) {
                return units(trainer.embedImages(new Batch.Crops(
                        crops,
                        bundle.preprocessing().height(),
                        bundle.preprocessing().width())));
            }
        };
    }

    TextEncoder texts() {
        return new TextEncoder() {
            @Override
            public int embeddingSize() {
                return bundle.embeddingSize();
            }

            @Override
            public float[][] encode(List<String> texts) {
                return units(trainer.embedTexts(tokens(tokenizer, texts)));
            }
        };
    }

    static long[][] tokens(ClipTokenizer tokenizer, List<String> texts) {
        return texts.stream()
                .map(text -> Arrays.stream(tokenizer.ids(text)).asLongStream().toArray())
                .toArray(long[][]::new);
    }

    private static float[][] units(float[][] rows) {
        for (float[] row : rows) {
            double length = 0;
            for (float component : row) {
                length += (double) component * component;
            }
            for (int i = 0; i < row.length; i++) {
                row[i] /= (float) Math.sqrt(length);
            }
        }
        return rows;
    }
}

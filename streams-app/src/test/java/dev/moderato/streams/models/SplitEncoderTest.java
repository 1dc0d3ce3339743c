package dev.moderato.streams.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.ImageEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitEncoderTest {
    private final List<Integer> parts = Collections.synchronizedList(new ArrayList<>());

    @Test
    void givesTheVectorsInTheOrderOfTheCrops() {
        try (SplitEncoder encoder = encoder(3)) {
            float[][] vectors = encoder.encode(crops(50));
            assertThat(vectors).hasDimensions(50, 1);
            for (int i = 0; i < 50; i++) {
                assertThat(vectors[i]).containsExactly(i);
            }
        }
        assertThat(parts).hasSize(9).allMatch(size -> size <= 8);
    }

    @Test
    void givesEveryThreadTheSameNumberOfPartsOfTheFastestSize() {
        assertThat(SplitEncoder.partSize(1, 2)).isEqualTo(1);
        assertThat(SplitEncoder.partSize(8, 2)).isEqualTo(4);
        assertThat(SplitEncoder.partSize(9, 2)).isEqualTo(5);
        assertThat(SplitEncoder.partSize(16, 2)).isEqualTo(8);
        assertThat(SplitEncoder.partSize(32, 2)).isEqualTo(8);
        assertThat(SplitEncoder.partSize(17, 2)).isEqualTo(5);
    }

    @Test
    void failsAsThePartFails() {
        try (SplitEncoder encoder = encoder(2)) {
            List<byte[]> crops = new ArrayList<>(crops(4));
            crops.set(3, new byte[] {99});
            assertThatThrownBy(() -> encoder.encode(crops))
                    .isInstanceOf(EncoderException.class)
                    .hasMessage("no");
        }
    }

    private SplitEncoder encoder(int threads) {
        return new SplitEncoder(
                new ImageEncoder() {
                    @Override
                    public int embeddingSize() {
                        return 1;
                    }

                    @Override
                    public float[][] encode(List<byte[]> crops) {
                        parts.add(crops.size());
                        if (crops.stream().anyMatch(crop -> crop[0] == 99)) {
                            throw new EncoderException(EncoderException.Kind.FAILED, "no", null);
                        }
                        return crops.stream().map(crop -> new float[] {crop[0]}).toArray(float[][]::new);
                    }
                },
                threads);
    }

    private static List<byte[]> crops(int count) {
        return IntStream.range(0, count).mapToObj(i -> new byte[] {(byte) i}).toList();
    }
}

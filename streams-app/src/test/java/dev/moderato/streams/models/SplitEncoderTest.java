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
    void givesEveryThreadTheSameNumberOfPartsOfNearlyTheSameSize() {
        assertThat(sizes(1)).containsExactly(1);
        assertThat(sizes(8)).containsExactly(4, 4);
        assertThat(sizes(9)).containsExactly(4, 5);
        assertThat(sizes(16)).containsExactly(8, 8);
        assertThat(sizes(17)).containsExactly(4, 4, 4, 5);
        assertThat(sizes(32)).containsExactly(8, 8, 8, 8);
    }

    /** Of the parts of so many crops on two threads. */
    private List<Integer> sizes(int crops) {
        parts.clear();
        try (SplitEncoder encoder = encoder(2)) {
            encoder.encode(crops(crops));
        }
        return parts.stream().sorted().toList();
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

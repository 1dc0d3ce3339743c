package dev.moderato.streams.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.EncoderException.Kind;
import dev.moderato.inference.clip.ImageEncoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResilientEncoderTest {
    private static final byte POISON = 66;
    private static final byte NAN = 77;

    private final List<String> told = new ArrayList<>();
    private final Session session = new Session();

    @Test
    void encodesEachCropInOrder() {
        assertThat(components(encoder(8).run(crops(1, 2, 3)))).containsExactly(1f, 2f, 3f);
        assertThat(told).containsExactly("encoded");
    }

    @Test
    void isolatesThePoisonousCropByHalves() {
        List<FrameResult> results = encoder(8).run(crops(1, 2, 3, 4, 5, POISON, 7, 8));

        assertThat(results.get(5)).isEqualTo(new FrameResult.Poisonous("poison"));
        assertThat(components(results)).containsExactly(1f, 2f, 3f, 4f, 5f, 7f, 8f);
        assertThat(told).containsExactly("split 8: poison", "split 4: poison", "split 2: poison", "encoded");
        assertThat(session.reopened).isZero();
    }

    @Test
    void isolatesTheCropWhoseVectorIsNotANumber() {
        List<FrameResult> results = encoder(8).run(crops(1, NAN, 3));

        assertThat(results.get(1)).isEqualTo(new FrameResult.Poisonous("component 0 of the embedding is NaN"));
        assertThat(components(results)).containsExactly(1f, 3f);
    }

    @Test
    void isolatesSeveralPoisonousCropsOfABatch() {
        List<FrameResult> results = encoder(8).run(crops(POISON, 2, POISON, POISON));

        assertThat(results).filteredOn(r -> r instanceof FrameResult.Poisonous).hasSize(3);
        assertThat(components(results)).containsExactly(2f);
    }

    @Test
    void makesBatchesSmallerWhereMemoryRunsOutAndSaysSo() {
        session.mostInMemory = 3;
        ResilientEncoder encoder = encoder(8);

        assertThat(components(encoder.run(crops(1, 2, 3, 4, 5, 6, 7, 8))))
                .containsExactly(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);

        assertThat(encoder.limit()).isEqualTo(2);
        assertThat(told).containsSubsequence("shrunk 8 to 4", "shrunk 4 to 2", "encoded");
    }

    @Test
    void opensALostSessionAnewAndEncodesTheSameBatch() {
        session.lost = true;

        assertThat(components(encoder(8).run(crops(1, 2)))).containsExactly(1f, 2f);

        assertThat(told).containsExactly("reopened: lost", "encoded");
        assertThat(session.reopened).isEqualTo(1);
    }

    @Test
    void blamesTheSessionNotTheImageWhereAGreyCropFailsToo() {
        session.failsAll = true;
        session.healedByReopening = true;

        assertThat(components(encoder(8).run(crops(1, 2)))).containsExactly(1f, 2f);

        assertThat(told).containsExactly("split 2: broken", "reopened: broken", "encoded");
    }

    @Test
    void saysThatNothingIsEncodedWhereReopeningDoesNotHelp() {
        session.failsAll = true;

        assertThatThrownBy(() -> encoder(8).run(crops(1)))
                .isInstanceOf(EncoderUnavailable.class)
                .hasMessage("the encoder fails even after it was opened anew: broken");
        assertThat(told).containsExactly("reopened: broken", "unavailable: broken");
    }

    @Test
    void saysThatNothingIsEncodedWhereItCannotBeOpened() {
        session.lost = true;
        session.cannotOpen = true;

        assertThatThrownBy(() -> encoder(8).run(crops(1)))
                .isInstanceOf(EncoderUnavailable.class)
                .hasMessage("the encoder cannot be opened anew: no such device");
        assertThat(told).containsExactly("unavailable: no such device");
    }

    private ResilientEncoder encoder(int limit) {
        return new ResilientEncoder(session, 1, limit, new FaultListener() {
            @Override
            public void split(int size, String reason) {
                told.add("split " + size + ": " + reason);
            }

            @Override
            public void shrunk(int from, int to) {
                told.add("shrunk " + from + " to " + to);
            }

            @Override
            public void reopened(String reason) {
                told.add("reopened: " + reason);
            }

            @Override
            public void unavailable(String reason) {
                told.add("unavailable: " + reason);
            }

            @Override
            public void encoded() {
                told.add("encoded");
            }
        });
    }

    private static List<byte[]> crops(int... values) {
        List<byte[]> crops = new ArrayList<>();
        for (int value : values) {
            crops.add(new byte[] {(byte) value});
        }
        return crops;
    }

    private static List<Float> components(List<FrameResult> results) {
        List<Float> components = new ArrayList<>();
        for (FrameResult result : results) {
            if (result instanceof FrameResult.Encoded encoded) {
                float[] vector = new float[1];
                encoded.embedding().copyTo(vector, 0);
                components.add(vector[0]);
            }
        }
        return components;
    }

    /** Gives each crop's value back as its vector, unless it is told to fail. */
    private static final class Session implements EncoderSession {
        private int mostInMemory = Integer.MAX_VALUE;
        private boolean lost;
        private boolean failsAll;
        private boolean healedByReopening;
        private boolean cannotOpen;
        private int reopened;

        @Override
        public ImageEncoder encoder() {
            return new ImageEncoder() {
                @Override
                public int embeddingSize() {
                    return 1;
                }

                @Override
                public float[][] encode(List<byte[]> crops) {
                    if (lost) {
                        throw new EncoderException(Kind.SESSION_LOST, "lost", null);
                    }
                    if (failsAll) {
                        throw new EncoderException(Kind.FAILED, "broken", null);
                    }
                    if (crops.size() > mostInMemory) {
                        throw new EncoderException(Kind.OUT_OF_MEMORY, "no memory", null);
                    }
                    if (crops.stream().anyMatch(crop -> crop[0] == POISON)) {
                        throw new EncoderException(Kind.FAILED, "poison", null);
                    }
                    return crops.stream()
                            .map(crop -> new float[] {crop[0] == NAN ? Float.NaN : crop[0]})
                            .toArray(float[][]::new);
                }
            };
        }

        @Override
        public void reopen() {
            if (cannotOpen) {
                throw new IllegalStateException("no such device");
            }
            reopened++;
            lost = false;
            failsAll &= !healedByReopening;
        }

        @Override
        public void close() {}
    }
}

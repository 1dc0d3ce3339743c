package dev.moderato.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ResamplerTest {
    private final Resampler scalar = new ScalarResampler();
    private final Resampler chosen = Resampler.create();
    private final Resampler.Scratch scratch = new Resampler.Scratch();

    @Test
    void usesVectorsWhereTheJvmOffersThem() {
        assertThat(chosen).isInstanceOf(VectorModule.present() ? VectorResampler.class : ScalarResampler.class);
    }

    @Test
    void bothGiveTheDefinitionBitForBit() {
        Random random = new Random(21);
        for (int round = 0; round < 400; round++) {
            int channels = 1 + random.nextInt(4);
            int width = 1 + random.nextInt(round % 10 == 0 ? 700 : 90);
            int height = 1 + random.nextInt(90);
            byte[] image = image(random, width, height, channels);
            Filter filter = Filter.values()[random.nextInt(Filter.values().length)];
            Taps horizontal = taps(random, filter, width);
            Taps vertical = taps(random, filter, height);
            byte[] expected = byDefinition(image, width, channels, horizontal, vertical);
            PixelRows rows = rows(image, width, channels);
            assertThat(run(scalar, rows, channels, horizontal, vertical)).isEqualTo(expected);
            assertThat(run(chosen, rows, channels, horizontal, vertical)).isEqualTo(expected);
        }
    }

    @Test
    void keepsAnImageOfTheSameSize() {
        byte[] image = image(new Random(22), 40, 30, 3);
        Taps horizontal = Taps.of(Filter.BICUBIC, 40, 40, 0, 40);
        Taps vertical = Taps.of(Filter.BICUBIC, 30, 30, 0, 30);
        assertThat(run(chosen, rows(image, 40, 3), 3, horizontal, vertical)).isEqualTo(image);
    }

    @Test
    void readsOnlyTheRowsAndColumnsThatTheCropNeeds() {
        Taps horizontal = Taps.of(Filter.BICUBIC, 1000, 100, 40, 60);
        Taps vertical = Taps.of(Filter.BICUBIC, 5000, 1_120_000, 559_888, 560_112);
        PixelRows guarded = (y, count, x, pixels, into, stride) -> {
            assertThat(y).isBetween(2490, 2510);
            assertThat(y + count).isLessThan(2510);
            assertThat(x).isEqualTo(385);
            assertThat(pixels).isEqualTo(230);
        };
        for (Resampler resampler : new Resampler[] {scalar, chosen}) {
            assertThat(run(resampler, guarded, 3, horizontal, vertical)).hasSize(20 * 224 * 3);
        }
        assertThat(scratch.bytes()).isLessThan(100_000);
    }

    @Test
    void refusesAnOutputThatIsTooShort() {
        Taps taps = Taps.of(Filter.BOX, 8, 4, 0, 4);
        for (Resampler resampler : new Resampler[] {scalar, chosen}) {
            assertThatThrownBy(() -> resampler.resample(
                            (y, count, x, pixels, into, stride) -> {}, 3, taps, taps, scratch, new byte[47]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void refusesOutputsThatTheResizeDoesNotHave() {
        assertThatThrownBy(() -> Taps.of(Filter.BOX, 8, 4, 2, 5))
                .hasMessage("no resize of 8 to 4 pixels has the outputs 2 to 5");
    }

    private static Taps taps(Random random, Filter filter, int in) {
        int out = 1 + random.nextInt(60);
        int from = random.nextInt(out);
        return Taps.of(filter, in, out, from, from + 1 + random.nextInt(out - from));
    }

    private byte[] run(Resampler resampler, PixelRows rows, int channels, Taps horizontal, Taps vertical) {
        byte[] out = new byte[horizontal.outputs() * vertical.outputs() * channels];
        resampler.resample(rows, channels, horizontal, vertical, scratch, out);
        return out;
    }

    private static PixelRows rows(byte[] image, int width, int channels) {
        return (y, count, x, pixels, into, stride) -> {
            for (int row = 0; row < count; row++) {
                System.arraycopy(image, ((y + row) * width + x) * channels, into, row * stride, pixels * channels);
            }
        };
    }

    private static byte[] byDefinition(byte[] image, int width, int channels, Taps horizontal, Taps vertical) {
        byte[] out = new byte[horizontal.outputs() * vertical.outputs() * channels];
        for (int y = 0; y < vertical.outputs(); y++) {
            for (int x = 0; x < horizontal.outputs(); x++) {
                for (int c = 0; c < channels; c++) {
                    long sum = 1 << 21;
                    for (int k = 0; k < vertical.count(y); k++) {
                        int row = (vertical.first(y) + k) * width;
                        long inner = 1 << 21;
                        for (int j = 0; j < horizontal.count(x); j++) {
                            int pixel = image[(row + horizontal.first(x) + j) * channels + c] & 0xff;
                            inner += (long) pixel * horizontal.weights()[horizontal.offset(x) + j];
                        }
                        sum += clip(inner) * vertical.weights()[vertical.offset(y) + k];
                    }
                    out[(y * horizontal.outputs() + x) * channels + c] = (byte) clip(sum);
                }
            }
        }
        return out;
    }

    private static long clip(long sum) {
        return Math.min(Math.max(sum >> 22, 0), 255);
    }

    private static byte[] image(Random random, int width, int height, int channels) {
        byte[] image = new byte[width * height * channels];
        random.nextBytes(image);
        for (int i = 0; i < image.length / 3; i++) {
            image[random.nextInt(image.length)] = (byte) (random.nextBoolean() ? 0 : 255);
        }
        return image;
    }
}

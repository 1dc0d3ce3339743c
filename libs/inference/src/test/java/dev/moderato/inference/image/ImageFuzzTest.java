package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/**
 * Mutated files of every kind: each is prepared or rejected, nothing else, and within two seconds of processor time. Seeded; the
 * profile {@code soak} runs many more with the limits as they are by default.
 */
class ImageFuzzTest {
    private static final int FILES = Integer.getInteger("moderato.fuzz.files", 21_000);
    private static final long SEED = Long.getLong("moderato.fuzz.seed", 20_261_124);
    private static final boolean SOAK = Boolean.getBoolean("moderato.soak");
    private static final long MOST_NANOS = 2_000_000_000L;
    private static final byte[] EDGES = {0, 1, 2, 0x7f, (byte) 0x80, (byte) 0xfe, (byte) 0xff};

    private final Random random = new Random(SEED);
    private final ThreadMXBean clock = ManagementFactory.getThreadMXBean();

    @Test
    void everyMutatedFileIsPreparedOrRejected() {
        List<byte[]> seeds = new ArrayList<>(Encoded.all().values());
        ImageLimits limits = SOAK
                ? ImageLimits.defaults()
                : new ImageLimits(1 << 20, 1_000_000, 16_384, 50, 1 << 20, 1 << 28, 1, Duration.ZERO);
        List<ImagePreprocessor> preprocessors = List.of(
                preprocessor(Preprocessing.Convert.BEFORE_RESIZE, limits, new DecodeOptions(true, 1, false)),
                preprocessor(Preprocessing.Convert.AFTER_RESIZE, limits, new DecodeOptions(true, 4, true)));
        int prepared = 0;
        for (int i = 0; i < FILES; i++) {
            byte[] file = mutated(seeds.get(i % seeds.size()), seeds);
            long start = clock.getCurrentThreadCpuTime();
            try {
                PreparedImage image = preprocessors.get(i / seeds.size() % 2).preprocess(file);
                assertThat(image.frames())
                        .isNotEmpty()
                        .allSatisfy(frame -> assertThat(frame).hasSize(16 * 16 * 3));
                prepared++;
            } catch (ImageRejected rejected) {
                assertThat(rejected.detail()).isNotBlank().doesNotContain("\n");
            } catch (RuntimeException | Error fault) {
                throw new AssertionError("file " + i + " of seed " + SEED + ": " + fault, fault);
            }
            assertThat(clock.getCurrentThreadCpuTime() - start)
                    .as("nanoseconds for file %d of seed %d", i, SEED)
                    .isLessThan(MOST_NANOS);
        }
        assertThat(prepared).as("some mutations do no harm").isBetween(FILES / 50, FILES * 9 / 10);
    }

    private static ImagePreprocessor preprocessor(
            Preprocessing.Convert convert, ImageLimits limits, DecodeOptions options) {
        return ImagePreprocessor.create(
                Prepared.settings(
                        16, 16, Preprocessing.ResizeMode.SHORTEST_SIDE, 16, Preprocessing.CropRule.FLOOR, convert),
                limits,
                options);
    }

    private byte[] mutated(byte[] seed, List<byte[]> seeds) {
        byte[] file = seed.clone();
        int mutations = 1 + random.nextInt(4);
        for (int i = 0; i < mutations && file.length > 0; i++) {
            file = mutatedOnce(file, seeds);
        }
        return random.nextInt(8) == 0 ? withRightChecksums(file) : file;
    }

    private byte[] mutatedOnce(byte[] file, List<byte[]> seeds) {
        int at = random.nextInt(random.nextBoolean() ? file.length : Math.min(64, file.length));
        switch (random.nextInt(9)) {
            case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> file[at] = (byte) random.nextInt();
            case 2 -> file[at] = EDGES[random.nextInt(EDGES.length)];
            case 3 -> {
                for (int i = at; i < Math.min(file.length, at + 4); i++) {
                    file[i] = EDGES[random.nextInt(EDGES.length)];
                }
            }
            case 4 -> Arrays.fill(file, at, Math.min(file.length, at + random.nextInt(64)), (byte) random.nextInt());
            case 5 -> {
                return Arrays.copyOf(file, at);
            }
            case 6 -> {
                return spliced(file, at, file, Math.min(file.length, at + random.nextInt(16)));
            }
            case 7 -> {
                return spliced(file, at, file, Math.max(0, at - random.nextInt(64)));
            }
            default -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                return spliced(file, at, other, random.nextInt(other.length));
            }
        }
        return file;
    }

    /** The beginning of one file and the end of another. */
    private static byte[] spliced(byte[] head, int until, byte[] tail, int from) {
        return ByteBuffer.allocate(until + tail.length - from)
                .put(head, 0, until)
                .put(tail, from, tail.length - from)
                .array();
    }

    /** Without this hardly any mutation would reach a PNG's decoder. */
    private static byte[] withRightChecksums(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (file.length < 8 || !new String(file, 1, 3, StandardCharsets.US_ASCII).equals("PNG")) {
            return file;
        }
        int at = 8;
        while (at + 12 <= file.length) {
            int length = bytes.getInt(at);
            if (length < 0 || length > file.length - at - 12) {
                break;
            }
            CRC32 sum = new CRC32();
            sum.update(file, at + 4, length + 4);
            bytes.putInt(at + 8 + length, (int) sum.getValue());
            at += 12 + length;
        }
        return file;
    }
}

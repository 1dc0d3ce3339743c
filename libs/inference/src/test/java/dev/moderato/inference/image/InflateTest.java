package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inflates what zlib deflates, and refuses what zlib refuses. */
class InflateTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "6, 0", "9, 0", "6, 1", "6, 2"})
    void inflatesWhatZlibDeflates(int level, int strategy) throws ImageRejected {
        Random random = new Random(5);
        for (byte[] plain : plains(random)) {
            byte[] deflated = deflated(plain, level, strategy);
            int rows = 1 + random.nextInt(700);
            assertThat(inflated(deflated, plain.length, rows, 1 + random.nextInt(5000)))
                    .isEqualTo(plain);
            assertThat(inflated(deflated, plain.length, plain.length + 1, 1 + random.nextInt(3)))
                    .isEqualTo(plain);
        }
    }

    @Test
    void refusesEveryBeginning() {
        byte[] plain = plains(new Random(3)).get(2);
        byte[] deflated = deflated(Arrays.copyOf(plain, 3000), 6, 0);
        for (int length = 0; length < deflated.length; length++) {
            byte[] cut = Arrays.copyOf(deflated, length);
            assertThatThrownBy(() -> inflated(cut, 3000, 100, 64))
                    .isInstanceOf(ImageRejected.class)
                    .hasMessage("CORRUPT: the PNG's pixels end early or are damaged");
        }
    }

    /** zlib is the judge of what is damaged, the checksum included. */
    @Test
    void refusesWhatZlibRefuses() {
        Random random = new Random(4);
        byte[] plain = new byte[2000];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) (random.nextGaussian() * 9);
        }
        byte[] small = deflated(plain, 6, 0);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = small.clone();
            damaged[random.nextInt(random.nextBoolean() ? 90 : damaged.length)] ^= (byte) (1 << random.nextInt(8));
            int zlib = zlibInflates(damaged, plain);
            if (zlib > plain.length) {
                continue; // a reader of rows does not care for what follows them
            }
            boolean ours;
            try {
                ours = Arrays.equals(inflated(damaged, plain.length, plain.length, 4096), plain);
            } catch (ImageRejected e) {
                ours = false;
                refused++;
            }
            assertThat(ours).as("file %d", i).isEqualTo(zlib == plain.length);
        }
        assertThat(refused).isGreaterThan(15_000);
    }

    /** How many bytes zlib gives, which may be one more than there were; -1 where it refuses, or gives others. */
    private static int zlibInflates(byte[] deflated, byte[] plain) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(deflated);
            byte[] out = new byte[plain.length + 1];
            int length = inflater.inflate(out);
            boolean same = Arrays.equals(out, 0, plain.length, plain, 0, plain.length);
            return same && (length > plain.length || inflater.finished()) ? length : -1;
        } catch (DataFormatException e) {
            return -1;
        } finally {
            inflater.end();
        }
    }

    /** Nothing, noise, filtered pixels, a flat run, repetitions from near and far, noise and pixels, and what fits into fixed codes. */
    private static List<byte[]> plains(Random random) {
        byte[] noise = new byte[300_000];
        random.nextBytes(noise);
        byte[] pixels = new byte[400_000];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (random.nextGaussian() * (1 + i / 40_000));
        }
        byte[] flat = new byte[200_000];
        Arrays.fill(flat, 90_000, 150_000, (byte) 7);
        byte[] words = new byte[250_000];
        for (int at = 0; at < words.length; ) {
            int length = Math.min(words.length - at, 1 + random.nextInt(300));
            int from = at < 40_000 ? 0 : at - random.nextInt(40_000);
            System.arraycopy(at == 0 ? noise : words, from, words, at, Math.min(length, Math.max(1, at - from)));
            at += Math.min(length, Math.max(1, at - from));
            if (at < words.length) {
                words[at++] = (byte) random.nextInt();
            }
        }
        byte[] mixed = new byte[noise.length]; // in which stored blocks and coded ones take turns
        for (int at = 0; at + 25_000 <= mixed.length; at += 25_000) {
            System.arraycopy(at % 50_000 == 0 ? noise : pixels, at, mixed, at, 25_000);
        }
        byte[] few = {1, 2, 3, 1, 2, 3, 1, 2, 3};
        return List.of(new byte[0], noise, pixels, flat, words, mixed, few);
    }

    private static byte[] deflated(byte[] plain, int level, int strategy) {
        Deflater deflater = new Deflater(level);
        deflater.setStrategy(strategy);
        deflater.setInput(plain);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        while (!deflater.finished()) {
            out.write(piece, 0, deflater.deflate(piece));
        }
        deflater.end();
        return out.toByteArray();
    }

    /** Reads in rows, from a file in which every other part is not of the stream. */
    private static byte[] inflated(byte[] deflated, int length, int rows, int part) throws ImageRejected {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Ranges data = new Ranges();
        for (int at = 0; at < deflated.length; at += part) {
            int size = Math.min(part, deflated.length - at);
            file.writeBytes(new byte[12]);
            data.add(file.size(), file.size() + size);
            file.write(deflated, at, size);
        }
        Inflate inflate = new Inflate(new FileBytes(ImageFormat.PNG, file.toByteArray()), data);
        byte[] out = new byte[length];
        for (int at = 0; at < length; at += rows) {
            inflate.read(out, at, Math.min(rows, length - at));
        }
        inflate.finish();
        return out;
    }
}

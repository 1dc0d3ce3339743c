package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that was cut is rejected, wherever it was cut and whatever was put at its end afterwards. */
class TruncationTest {
    private static final Map<String, byte[]> FILES = Encoded.all();
    private static final ImagePreprocessor PREPROCESSOR =
            ImagePreprocessor.create(Preprocessing.clip(32), ImageLimits.defaults(), new DecodeOptions(true, 9, false));

    static Stream<String> names(String extension) {
        return FILES.keySet().stream().filter(name -> name.endsWith(extension));
    }

    static Stream<String> all() {
        return names("");
    }

    static Stream<String> jpegs() {
        return names(".jpg");
    }

    static Stream<String> stillWebps() {
        return names(".webp").filter(name -> !name.startsWith("animated"));
    }

    static Stream<String> gifs() {
        return names(".gif");
    }

    private static byte[] file(String name) {
        return Objects.requireNonNull(FILES.get(name), name);
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyBeginningOfAFileIsRejected(String name) {
        byte[] file = file(name);
        Set<Reason> allowed = EnumSet.of(Reason.TRUNCATED, Reason.CORRUPT);
        // A BMP's pixels are all there before their padding and the marker at the end of runs.
        int whole = name.endsWith(".bmp") ? file.length - 3 : file.length;
        for (int length = 12; length < whole; length++) {
            assertThat(outcome(Arrays.copyOf(file, length)))
                    .as("%s cut to %d bytes", name, length)
                    .isIn(allowed);
        }
        for (int length = 1; length < 12; length++) {
            assertThat(outcome(Arrays.copyOf(file, length))).isIn(Reason.TRUNCATED, Reason.NOT_AN_IMAGE);
        }
        assertThat(outcome(new byte[0])).isEqualTo(Reason.EMPTY);
    }

    /** What decoders fill up with grey. */
    @ParameterizedTest
    @MethodSource("jpegs")
    void aCutJpegWithAnEndMarkerIsRejected(String name) {
        byte[] file = file(name);
        for (int length = 20; length < file.length - 2; length++) {
            byte[] cut = Arrays.copyOf(file, length + 2);
            cut[length] = (byte) 0xff;
            cut[length + 1] = (byte) 0xd9;
            // The last byte of a scan may hold nothing but filling; of one scan alone, three codes may be missing at
            // its end.
            int missing = name.contains("progressive") || name.contains("restart") ? 1 : 40;
            assertThat(outcome(cut) == null && length < file.length - 2 - missing)
                    .as("%s cut to %d of %d bytes", name, length, file.length)
                    .isFalse();
        }
    }

    @Test
    void aPngWithoutItsLastPixelsIsRejected() {
        byte[] file = file("rgb.png");
        int idat = new String(file, StandardCharsets.ISO_8859_1).indexOf("IDAT") - 4;
        int length = ByteBuffer.wrap(file).getInt(idat);
        byte[] end = Encoded.pngChunk("IEND", new byte[0]);
        for (int kept = 0; kept < length - 8; kept += 97) {
            byte[] chunk = Encoded.pngChunk("IDAT", Arrays.copyOfRange(file, idat + 8, idat + 8 + kept));
            byte[] cut = ByteBuffer.allocate(idat + chunk.length + end.length)
                    .put(file, 0, idat)
                    .put(chunk)
                    .put(end)
                    .array();
            assertThat(outcome(cut)).as("%d of %d bytes", kept, length).isIn(Reason.TRUNCATED, Reason.CORRUPT);
        }
    }

    /** Cuts the last chunk and makes all sizes agree. The last bytes of an encoder may hold nothing but filling. */
    @ParameterizedTest
    @MethodSource("stillWebps")
    void aWebpWithoutItsLastPixelsIsRejected(String name) {
        byte[] file = file(name);
        int at = 12;
        ByteBuffer numbers = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int last = at;
        while (at < file.length) {
            last = at;
            at += 8 + numbers.getInt(at + 4) + numbers.getInt(at + 4) % 2;
        }
        int length = numbers.getInt(last + 4);
        for (int kept = 10; kept < length - 4; kept++) {
            byte[] chunk = Encoded.riffChunk(
                    new String(file, last, 4, StandardCharsets.US_ASCII),
                    Arrays.copyOfRange(file, last + 8, last + 8 + kept));
            byte[] cut = Encoded.riff(ByteBuffer.allocate(last - 12 + chunk.length)
                    .put(file, 12, last - 12)
                    .put(chunk)
                    .array());
            assertThat(outcome(cut))
                    .as("%s: %d of %d bytes", name, kept, length)
                    .isIn(Reason.TRUNCATED, Reason.CORRUPT);
        }
    }

    @Test
    void aLossyWebpWithoutItsFirstPartitionIsRejected() {
        byte[] chunk = Encoded.riffChunk("VP8 ", Arrays.copyOfRange(file("lossy.webp"), 20, 20 + 40));
        int first = ByteBuffer.wrap(chunk, 8, 4).order(ByteOrder.LITTLE_ENDIAN).getInt() >>> 5 & 0x7ffff;
        assertThatThrownBy(() -> PREPROCESSOR.preprocess(Encoded.riff(chunk)))
                .hasMessage("TRUNCATED: the WebP's first partition at byte 30 has " + first
                        + " bytes, of which its chunk holds 30");
    }

    @ParameterizedTest
    @MethodSource("gifs")
    void aGifWithoutItsLastPixelsIsRejected(String name) {
        byte[] file = file(name);
        for (int length = file.length - 300; length < file.length - 6; length++) {
            byte[] cut = Arrays.copyOf(file, length + 2);
            cut[length] = 0;
            cut[length + 1] = 0x3b;
            assertThat(outcome(cut)).as("%s cut to %d bytes", name, length).isIn(Reason.TRUNCATED, Reason.CORRUPT);
        }
    }

    @Test
    void aJpegWithoutARestartIntervalIsRejected() {
        byte[] file = file("restart.jpg");
        int first = marker(file, 0xd0);
        int second = marker(file, 0xd1);
        byte[] without = ByteBuffer.allocate(file.length - (second - first))
                .put(file, 0, first)
                .put(file, second, file.length - second)
                .array();
        assertThatThrownBy(() -> PREPROCESSOR.preprocess(without))
                .hasMessage("CORRUPT: the JPEG has a restart marker out of order at byte " + first);
    }

    @Test
    void aProgressiveJpegWithoutItsLastScanIsRejected() {
        byte[] file = file("progressive.jpg");
        int lastScan = 0;
        for (int at = 0; at < file.length - 1; at++) {
            if (file[at] == (byte) 0xff && file[at + 1] == (byte) 0xda) {
                lastScan = at;
            }
        }
        byte[] without = Arrays.copyOf(file, lastScan + 2);
        without[lastScan + 1] = (byte) 0xd9;
        assertThatThrownBy(() -> PREPROCESSOR.preprocess(without))
                .hasMessage("TRUNCATED: the JPEG's last scans are missing: coefficient 1 of component 1 is not whole");
    }

    private static int marker(byte[] file, int code) {
        for (int at = 0; at < file.length - 1; at++) {
            if (file[at] == (byte) 0xff && file[at + 1] == (byte) code) {
                return at;
            }
        }
        throw new IllegalArgumentException("no marker " + code);
    }

    /** Null where the file is accepted. */
    private static @Nullable Reason outcome(byte[] file) {
        try {
            PREPROCESSOR.preprocess(file);
            return null;
        } catch (ImageRejected rejected) {
            return rejected.reason();
        }
    }
}

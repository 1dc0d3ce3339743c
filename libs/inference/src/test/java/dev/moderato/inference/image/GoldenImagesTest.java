package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.inference.image.ImageRejected.Reason;
import dev.moderato.inference.image.Preprocessing.Convert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reference image against the crop that Pillow-backed Hugging Face preprocessing makes of it. */
class GoldenImagesTest {
    private static final Path GOLDEN =
            Path.of("../../../shared/golden").toAbsolutePath().normalize();
    private static final int SIDE = 224;
    private static final ImagePreprocessor LIKE_THE_REFERENCES = ImagePreprocessor.create(
            Preprocessing.clip(SIDE), ImageLimits.defaults(), new DecodeOptions(false, 1, false));

    @BeforeAll
    static void goldenDataAreThere() {
        Assumptions.assumeTrue(Files.isDirectory(GOLDEN), "no reference images at " + GOLDEN);
    }

    static Stream<JsonNode> images(String result) throws IOException {
        if (!Files.isDirectory(GOLDEN)) {
            return Stream.empty();
        }
        JsonNode expected = new ObjectMapper()
                .readTree(GOLDEN.resolve("expected/expected.json").toFile());
        return StreamSupport.stream(expected.get("images").spliterator(), false)
                .filter(image ->
                        result.equals("ok") == image.get("result").asText().equals("ok"));
    }

    static Stream<JsonNode> whole() throws IOException {
        return images("ok");
    }

    static Stream<JsonNode> broken() throws IOException {
        return images("rejected");
    }

    @ParameterizedTest(allowZeroInvocations = true, name = "{index}")
    @MethodSource("whole")
    void givesTheReferenceCrop(JsonNode image) throws Exception {
        JsonNode expected = Stream.of("expected.noexif", "expected.highbyte", "expected")
                .filter(image::has)
                .map(image::get)
                .findFirst()
                .orElseThrow();
        PreparedImage prepared = LIKE_THE_REFERENCES.preprocess(bytes(image));
        byte[] crop = prepared.frames().get(0);
        if (image.get("header").get(2).asText().equals("CMYK")) {
            assertWithin(2, crop, reference(image.get("expected")));
        } else {
            assertThat(sha256OfPlanes(crop))
                    .isEqualTo(expected.get("checksum_sha256_u8_chw").asText());
        }
        assertThat(prepared.info().width()).isEqualTo(image.get("header").get(0).asInt());
        assertThat(prepared.info().height())
                .isEqualTo(image.get("header").get(1).asInt());
        assertThat(prepared.info().frames()).isEqualTo(image.get("frames").asInt());
    }

    @ParameterizedTest(allowZeroInvocations = true, name = "{index}")
    @MethodSource("whole")
    void turnsImagesUpright(JsonNode image) throws Exception {
        Assumptions.assumeTrue(image.has("expected.noexif"), "no EXIF orientation");
        byte[] crop = ImagePreprocessor.create(
                        Preprocessing.clip(SIDE), ImageLimits.defaults(), DecodeOptions.defaults())
                .preprocess(bytes(image))
                .frames()
                .get(0);
        assertThat(sha256OfPlanes(crop))
                .isEqualTo(image.get("expected").get("checksum_sha256_u8_chw").asText());
    }

    /** The reference lists how far open_clip's order, which resizes before it converts, is from Hugging Face's. */
    @ParameterizedTest(allowZeroInvocations = true, name = "{index}")
    @MethodSource("whole")
    void isAsFarFromOpenClipAsTheReferencesAre(JsonNode image) throws Exception {
        JsonNode distance = image.get("open_clip_vs_hf");
        Assumptions.assumeTrue(distance != null
                && !distance.isNull()
                && !image.get("header").get(2).asText().equals("CMYK"));
        Assumptions.assumeTrue(!image.has("expected.highbyte"), "16-bit grey differs on purpose");
        Preprocessing clip = Preprocessing.clip(SIDE);
        Preprocessing openClip = new Preprocessing(
                SIDE,
                SIDE,
                clip.resize(),
                SIDE,
                Preprocessing.CropRule.ROUND,
                clip.interpolation(),
                Convert.AFTER_RESIZE,
                clip.rescale(),
                clip.mean(),
                clip.std());
        float[] theirs = openClip.tensor(
                ImagePreprocessor.create(openClip, ImageLimits.defaults(), new DecodeOptions(false, 1, false))
                        .preprocess(bytes(image))
                        .frames()
                        .get(0));
        float[] ours = clip.tensor(
                LIKE_THE_REFERENCES.preprocess(bytes(image)).frames().get(0));
        double max = 0;
        double sum = 0;
        for (int i = 0; i < ours.length; i++) {
            max = Math.max(max, Math.abs(ours[i] - theirs[i]));
            sum += Math.abs(ours[i] - theirs[i]);
        }
        assertThat(max).isCloseTo(distance.get("max").asDouble(), within(2e-4));
        assertThat(sum / ours.length).isCloseTo(distance.get("mean").asDouble(), within(2e-5));
    }

    @ParameterizedTest(allowZeroInvocations = true, name = "{index}")
    @MethodSource("broken")
    void rejectsWhatCannotBeDecoded(JsonNode image) {
        Map<String, Reason> reasons = Map.ofEntries(
                Map.entry("bad_truncated_half.jpg", Reason.TRUNCATED),
                Map.entry("bad_truncated.png", Reason.TRUNCATED),
                Map.entry("bad_truncated.webp", Reason.TRUNCATED),
                Map.entry("bad_empty.jpg", Reason.EMPTY),
                Map.entry("bad_text.png", Reason.NOT_AN_IMAGE),
                Map.entry("bad_html.jpg", Reason.NOT_AN_IMAGE),
                Map.entry("bad_svg.svg", Reason.NOT_AN_IMAGE));
        String name = image.get("file").asText();
        assertThatThrownBy(() -> LIKE_THE_REFERENCES.preprocess(bytes(image)))
                .isInstanceOfSatisfying(ImageRejected.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(reasons.getOrDefault(name, Reason.TOO_MANY_PIXELS));
                    assertThat(rejected.detail()).isNotBlank();
                });
    }

    private static byte[] bytes(JsonNode image) throws IOException {
        return Files.readAllBytes(
                GOLDEN.resolve("images").resolve(image.get("file").asText()));
    }

    /** The reference's crop, which is a PNG of the size that passes through unchanged. */
    private static byte[] reference(JsonNode expected) throws IOException, ImageRejected {
        byte[] png = Files.readAllBytes(
                GOLDEN.resolve("expected").resolve(expected.get("u8").asText()));
        return LIKE_THE_REFERENCES.preprocess(png).frames().get(0);
    }

    private static void assertWithin(int levels, byte[] crop, byte[] reference) {
        for (int i = 0; i < crop.length; i++) {
            assertThat((crop[i] & 0xff) - (reference[i] & 0xff)).isBetween(-levels, levels);
        }
    }

    /** The references' checksum is over the planes of red, green and blue. */
    private static String sha256OfPlanes(byte[] crop) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int channel = 0; channel < 3; channel++) {
            for (int i = channel; i < crop.length; i += 3) {
                digest.update(crop[i]);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

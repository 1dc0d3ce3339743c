package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small CLIP in Hugging Face's layout gives the numbers that PyTorch gave. */
class GoldenClipTest {
    @TempDir
    static Path folder = Path.of("");

    static @Nullable ClipModel opened;

    @BeforeAll
    static void importTinyClip() throws BundleException {
        ModelBundle bundle = ModelImport.run(new ModelImport.Request(Golden.tinyClip(), folder.resolve("tiny")))
                .bundle();
        opened = ClipModel.open(bundle, EncoderSettings.defaults().withDevice(Device.CPU));
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static ClipModel model() {
        Assumptions.assumeTrue(opened != null);
        return Objects.requireNonNull(opened);
    }

    private static JsonNode golden() throws IOException {
        return Golden.json(Golden.tinyClip().resolve("golden.json"));
    }

    /** The reference's tensors back to the bytes that they were made of. */
    private static List<byte[]> crops() throws IOException {
        float[] pixels = Golden.npy(Golden.tinyClip().resolve("golden_pixel_values.npy.gz"));
        Preprocessing preprocessing = model().preprocessing();
        int plane = preprocessing.width() * preprocessing.height();
        List<byte[]> crops = new ArrayList<>();
        for (int start = 0; start < pixels.length; start += 3 * plane) {
            byte[] crop = new byte[3 * plane];
            for (int channel = 0; channel < 3; channel++) {
                float mean = preprocessing.mean().get(channel);
                float std = preprocessing.std().get(channel);
                for (int pixel = 0; pixel < plane; pixel++) {
                    crop[3 * pixel + channel] =
                            (byte) Math.round((pixels[start + channel * plane + pixel] * std + mean) * 255);
                }
            }
            crops.add(crop);
        }
        return crops;
    }

    @Test
    void preprocessesToTheReferencesTensor() throws IOException {
        float[] pixels = Golden.npy(Golden.tinyClip().resolve("golden_pixel_values.npy.gz"));
        int at = 0;
        for (byte[] crop : crops()) {
            for (float value : model().preprocessing().tensor(crop)) {
                assertThat(value).isCloseTo(pixels[at++], within(1e-6f));
            }
        }
    }

    @Test
    void encodesImagesAsTheReference() throws IOException {
        float[][] raw = model().rawImages(crops());
        JsonNode expected = golden().path("image_embeds_raw");
        assertThat(raw).hasDimensions(expected.size(), 32);
        for (int i = 0; i < raw.length; i++) {
            assertClose(raw[i], Golden.floats(expected.path(i)), 1e-4f);
        }
    }

    @Test
    void classifiesAsTheReference() throws IOException {
        float[][] images = model().images().encode(crops());
        for (JsonNode set : golden().path("sets")) {
            Map<String, List<String>> labels = new LinkedHashMap<>();
            set.path("labels").properties().forEach(label -> labels.put(label.getKey(), texts(label.getValue())));
            ZeroShot zeroShot = ZeroShot.of(model(), labels, texts(set.path("templates")));
            for (int i = 0; i < images.length; i++) {
                ZeroShot.Classification found = zeroShot.classify(images[i]);
                assertThat(found.scores().keySet()).containsExactlyElementsOf(labels.keySet());
                assertClose(found.cosines(), set.path("cosine").path(i), 1e-5);
                assertClose(found.scores(), set.path("softmax").path(i), 1e-4);
            }
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static void assertClose(Map<String, Double> found, JsonNode expected, double tolerance) {
        int i = 0;
        for (double value : found.values()) {
            assertThat(value).isCloseTo(expected.path(i++).asDouble(), within(tolerance));
        }
    }

    private static void assertClose(float[] found, float[] expected, float tolerance) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(tolerance));
        }
    }
}

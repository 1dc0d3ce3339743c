package dev.moderato.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.JsonLine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each step of an encoder by itself prints what the references give. */
class ModelCommandsTest {
    @TempDir
    static Path folder = Path.of("");

    private static String bundle = "";

    @BeforeAll
    static void importTinyClip() {
        bundle = folder.resolve("tiny").toString();
        CommandLineRun run =
                CommandLineRun.of("model", "import", SharedFiles.tinyClip().toString(), "--out", bundle);
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo("Imported tiny to " + bundle + ": 64×64 pixels, 77 tokens, 32-d embeddings, logit scale 100"
                        + System.lineSeparator());
        assertThat(run.err()).startsWith("Note: the learned logit scale is not in these files: 100 is assumed");
    }

    @Test
    void tokenizesOneLineAnInput() throws IOException {
        List<String> golden = Files.readAllLines(SharedFiles.golden("tokenizer/tokenizer_golden.jsonl"));
        StringBuilder input = new StringBuilder();
        for (String line : golden) {
            String text = JsonLine.read(line).path("text").asText();
            boolean plain = !text.contains("\n") && !text.startsWith("\"");
            input.append(plain ? text : JsonLine.write(JsonLine.tree(text))).append('\n');
        }
        List<String> found = tokenize(input.toString()).outLines();
        assertThat(found).hasSameSizeAs(golden);
        for (int i = 0; i < found.size(); i++) {
            JsonNode expected = JsonLine.read(golden.get(i));
            String text = expected.path("text").asText().toLowerCase(Locale.ROOT);
            if (!text.contains("<|endoftext|>") && !text.contains("<|startoftext|>")) {
                assertThat(JsonLine.read(found.get(i))).as(text).isEqualTo(expected.path("hf"));
            }
        }
    }

    @Test
    void readsEmptyLinesAndQuotedOnes() {
        List<String> ids = tokenize("\n\"a\\ncat\"\n\"a cat\" he said\na cat").outLines();
        assertThat(ids).hasSize(4);
        assertThat(ids.get(0)).startsWith("[49406,49407,49407,");
        assertThat(ids.get(1)).isEqualTo(ids.get(3));
        assertThat(ids.get(2)).startsWith("[49406,257,320,2368,257,797,");
    }

    private static CommandLineRun tokenize(String input) {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            CommandLineRun run = CommandLineRun.of("model", "tokenize", "--model", bundle);
            assertThat(run.exit()).as(run.err()).isZero();
            return run;
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void writesTheReferencesTensors() throws IOException {
        JsonNode golden = golden();
        float[] expected = npy(new GZIPInputStream(
                Files.newInputStream(SharedFiles.tinyClip().resolve("golden_pixel_values.npy.gz"))));
        Path out = folder.resolve("tensors");
        int size = 3 * 64 * 64;
        int compared = 0;
        for (int i = 0; i < golden.path("images").size(); i++) {
            String name = golden.path("images").path(i).asText();
            Path image = SharedFiles.golden("images").resolve(name);
            if (!Files.exists(image)) {
                continue; // not every image of the reference is handed out
            }
            CommandLineRun run = CommandLineRun.of(
                    "model",
                    "preprocess",
                    "--model",
                    bundle,
                    "--ignore-exif",
                    "--out",
                    out.toString(),
                    image.toString());
            assertThat(run.exit()).as(run.out()).isZero();
            assertThat(run.out()).isEmpty();
            float[] found = npy(Files.newInputStream(out.resolve(name + ".npy")));
            assertThat(found).hasSize(size);
            for (int p = 0; p < size; p++) {
                assertThat(found[p]).isCloseTo(expected[i * size + p], within(1e-6f));
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(5);
    }

    @Test
    void reportsRejectedFiles() throws IOException {
        Path text = Files.writeString(folder.resolve("page.jpg"), "<html></html>");
        Path good = SharedFiles.golden("images/photo_dog_cat.jpg");
        CommandLineRun some = CommandLineRun.of(
                "model",
                "preprocess",
                "--model",
                bundle,
                "--out",
                folder.resolve("some").toString(),
                text.toString(),
                good.toString());
        assertThat(some.exit()).isZero();
        JsonNode line = JsonLine.read(some.out());
        assertThat(line.path("file").asText()).isEqualTo(text.toString());
        assertThat(line.path("rejected").asText()).isEqualTo("NOT_AN_IMAGE");
        assertThat(line.path("detail").asText()).isNotEmpty();
        CommandLineRun all = CommandLineRun.of(
                "model",
                "preprocess",
                "--model",
                bundle,
                "--out",
                folder.resolve("all").toString(),
                text.toString());
        assertThat(all.exit()).isEqualTo(1);
        assertThat(CommandLineRun.of("model", "embed", "--model", bundle, "--image", text.toString())
                        .exit())
                .isEqualTo(1);
    }

    @Test
    void embedsAsTheReference() throws IOException {
        JsonNode golden = golden();
        for (int i = 0; i < golden.path("images").size(); i++) {
            Path image = SharedFiles.golden("images")
                    .resolve(golden.path("images").path(i).asText());
            if (!Files.exists(image)) {
                continue;
            }
            CommandLineRun run = CommandLineRun.of(
                    "model",
                    "embed",
                    "--model",
                    bundle,
                    "--device",
                    "cpu",
                    "--ignore-exif",
                    "--image",
                    image.toString());
            JsonNode line = JsonLine.read(run.out());
            assertThat(line.path("input").asText()).isEqualTo(image.toString());
            double squares = 0;
            for (int d = 0; d < 32; d++) {
                assertThat(line.path("raw").path(d).asDouble())
                        .isCloseTo(
                                golden.path("image_embeds_raw").path(i).path(d).asDouble(), within(1e-4));
                squares += Math.pow(line.path("embedding").path(d).asDouble(), 2);
            }
            assertThat(squares).isCloseTo(1, within(1e-5));
        }
        CommandLineRun texts = CommandLineRun.of("model", "embed", "--model", bundle, "--text", "a cat", "café");
        assertThat(texts.outLines()).hasSize(2);
        assertThat(texts.out()).as("ASCII, whatever the terminal").matches("\\p{ASCII}+");
        assertThat(JsonLine.read(texts.outLines().get(1)).path("input").asText())
                .isEqualTo("café");
    }

    @Test
    void verifiesInspectsAndLists() throws IOException {
        CommandLineRun verified = CommandLineRun.of("model", "verify", "--model", bundle, "--device", "cpu", "--json");
        assertThat(verified.exit()).isZero();
        JsonNode report = JsonLine.read(verified.out());
        assertThat(report.path("passed").asBoolean()).isTrue();
        assertThat(report.path("device").asText()).isEqualTo("cpu");
        assertThat(CommandLineRun.of("model", "verify", bundle).out())
                .startsWith("tiny: 3 files as recorded; runs on ");
        assertThat(CommandLineRun.of("model", "inspect", "--model", bundle).out())
                .startsWith("tiny  sha256 ")
                .contains("64×64 pixels", "image/vision_model.onnx, fp32", "Hugging Face layout, tiny-clip-hf, fp32");
        Path broken = Files.createDirectories(folder.resolve("models/broken"));
        Files.writeString(broken.resolve("bundle.json"), "{}");
        CommandLineRun listed =
                CommandLineRun.of("model", "list", folder.resolve("models").toString(), "--json");
        assertThat(JsonLine.read(listed.out()).path("problem").asText()).contains("bundle.json has format null");
        assertThat(CommandLineRun.of("model", "list", folder.toString()).out()).contains("tiny: 64×64 pixels");
    }

    @Test
    void saysWhichOtherNumbersABundleGives() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        for (String file : List.of("image/vision_model.onnx", "text/text_model.onnx", "tokenizer.json")) {
            Files.createDirectories(copy.resolve(file).getParent());
            Files.copy(Path.of(bundle, file), copy.resolve(file));
        }
        Files.writeString(
                copy.resolve("bundle.json"),
                Files.readString(Path.of(bundle, "bundle.json")).replaceAll("(?s)(\"ids\" : \\[ 49406, )\\d+", "$199"));
        CommandLineRun run = CommandLineRun.of("model", "verify", copy.toString());
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("Failed: the tokenizer gives other ids: [49406, 320,");
    }

    @Test
    void refusesADeviceThatIsNotThere() {
        CommandLineRun unknown = CommandLineRun.of("model", "verify", bundle, "--device", "gpu");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("device 'gpu' must be auto, cpu, cuda or cuda:N");
        CommandLineRun half = CommandLineRun.of("model", "verify", bundle, "--device", "cpu", "--precision", "fp16");
        assertThat(half.exit()).isEqualTo(1);
        assertThat(half.err())
                .startsWith("moderato model verify: precision fp16 was asked for, but the model runs on the CPU");
        CommandLineRun tensorRt = CommandLineRun.of("model", "verify", bundle, "--device", "cpu", "--tensorrt");
        assertThat(tensorRt.err()).startsWith("moderato model verify: TensorRT runs on device cuda, not on cpu");
    }

    private static JsonNode golden() throws IOException {
        return JsonLine.read(Files.readString(SharedFiles.tinyClip().resolve("golden.json")));
    }

    /** The numbers of a .npy file, whose head must be as NumPy reads it. */
    private static float[] npy(InputStream stream) throws IOException {
        try (stream) {
            byte[] bytes = stream.readAllBytes();
            ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int header = numbers.getShort(8);
            assertThat((10 + header) % 64).isZero();
            assertThat(new String(bytes, 10, header, StandardCharsets.US_ASCII))
                    .contains("'descr': '<f4'", "'fortran_order': False", "3, 64, 64")
                    .endsWith("\n");
            float[] values = new float[(bytes.length - 10 - header) / Float.BYTES];
            numbers.position(10 + header);
            numbers.asFloatBuffer().get(values);
            return values;
        }
    }
}

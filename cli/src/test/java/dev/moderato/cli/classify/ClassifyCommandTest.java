package dev.moderato.cli.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.model.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From image files and words to the probabilities that the reference gives. */
class ClassifyCommandTest {
    @TempDir
    static Path folder = Path.of("");

    private static String bundle = "";

    @BeforeAll
    static void importTinyClip() {
        bundle = folder.resolve("tiny").toString();
        CommandLineRun run =
                CommandLineRun.of("model", "import", SharedFiles.tinyClip().toString(), "--out", bundle);
        assertThat(run.exit()).as(run.err()).isZero();
    }

    @Test
    void givesTheReferencesProbabilities() throws IOException {
        JsonNode golden = JsonLine.read(Files.readString(SharedFiles.tinyClip().resolve("golden.json")));
        List<String> images = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < golden.path("images").size(); i++) {
            Path image = SharedFiles.golden("images")
                    .resolve(golden.path("images").path(i).asText());
            if (Files.exists(image)) { // not every image of the reference is handed out
                images.add(image.toString());
                numbers.add(i);
            }
        }
        assertThat(images).hasSizeGreaterThan(5);
        for (JsonNode set : golden.path("sets")) {
            Path labels = Files.writeString(folder.resolve("labels.yaml"), JsonLine.write(set.path("labels")));
            List<String> templates = new ArrayList<>();
            set.path("templates").forEach(template -> templates.add(template.asText()));
            Path file = Files.write(folder.resolve("templates.txt"), templates);
            List<String> command = new ArrayList<>(List.of(
                    "classify",
                    "--model",
                    bundle,
                    "--labels-file",
                    labels.toString(),
                    "--templates",
                    file.toString(),
                    "--json",
                    "--ignore-exif"));
            command.addAll(images);
            CommandLineRun run = CommandLineRun.of(command.toArray(new String[0]));
            assertThat(run.exit()).as(run.err()).isZero();
            for (int i = 0; i < images.size(); i++) {
                JsonNode line = JsonLine.read(run.outLines().get(i));
                assertThat(line.path("file").asText()).isEqualTo(images.get(i));
                assertClose(line.path("scores"), set.path("softmax").path(numbers.get(i)), 1e-4);
                assertClose(line.path("cosines"), set.path("cosine").path(numbers.get(i)), 1e-5);
            }
        }
    }

    private static void assertClose(JsonNode found, JsonNode expected, double tolerance) {
        assertThat(found.size()).isEqualTo(expected.size());
        int i = 0;
        for (JsonNode value : found) {
            assertThat(value.asDouble()).isCloseTo(expected.path(i++).asDouble(), within(tolerance));
        }
    }

    @Test
    void readsLabelsInEveryForm() throws IOException {
        String image = SharedFiles.golden("images/photo_dog_cat.jpg").toString();
        JsonNode inline = scores("--labels", "a cat, a dog", image);
        Path lines = Files.writeString(folder.resolve("lines.txt"), "a cat\n\n a dog \n");
        Path yaml = Files.writeString(folder.resolve("names.yaml"), "a cat: a cat\na dog: [a dog]\n");
        Path list = Files.writeString(folder.resolve("list.yml"), "- a cat\n- a dog\n");
        for (Path file : List.of(lines, yaml, list)) {
            assertThat(scores("--labels-file", file.toString(), image))
                    .as(file.toString())
                    .isEqualTo(inline);
        }
        Path colons = Files.writeString(folder.resolve("colons.txt"), "a cat: on a mat\n#1 fan\n");
        assertThat(scores("--labels-file", colons.toString(), image).properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("a cat: on a mat", "#1 fan");
    }

    private static JsonNode scores(String option, String value, String image) throws IOException {
        CommandLineRun run = CommandLineRun.of("classify", "--model", bundle, option, value, "--json", image);
        assertThat(run.exit()).as(run.err()).isZero();
        return JsonLine.read(run.out()).path("scores");
    }

    @Test
    void saysWhatIsWrongWithTheLabels() throws IOException {
        assertRefused("--labels has an empty label", "--labels", "a,,b");
        assertRefused("--labels has the label 'a' twice", "--labels", "a,b,a");
        Path none = folder.resolve("none.txt");
        assertRefused("cannot read " + none + ": there is no such file", "--labels-file", none.toString());
        Path empty = Files.writeString(folder.resolve("empty.txt"), "\n");
        assertRefused(empty + " holds no label: write one a line", "--labels-file", empty.toString());
        Path bare = Files.writeString(folder.resolve("bare.yaml"), "cat: []\n");
        assertRefused(bare + ": cat has no name: write cat: [name, synonym]", "--labels-file", bare.toString());
        Path slots = Files.writeString(folder.resolve("slots.txt"), "a photo of\n");
        assertRefused(
                slots + ": the template \"a photo of\" needs exactly one {} where the name goes",
                "--labels",
                "a,b",
                "--templates",
                slots.toString());
        CommandLineRun both = CommandLineRun.of("classify", "--labels", "a", "--labels-file", "b", "x.png");
        assertThat(both.exit()).isEqualTo(2);
        assertThat(CommandLineRun.of("classify", "x.png").err()).contains("--labels");
    }

    @Test
    void goesOnAfterARejectedFile() throws IOException {
        Path page = Files.writeString(folder.resolve("page.png"), "<html>");
        String image = SharedFiles.golden("images/photo_dog_cat.jpg").toString();
        CommandLineRun run =
                CommandLineRun.of("classify", "--model", bundle, "--labels", "a,b", "--json", page.toString(), image);
        assertThat(run.exit()).isZero();
        assertThat(JsonLine.read(run.outLines().get(0)).path("rejected").asText())
                .isEqualTo("NOT_AN_IMAGE");
        assertThat(JsonLine.read(run.outLines().get(1)).path("scores").size()).isEqualTo(2);
        assertThat(CommandLineRun.of("classify", "--model", bundle, "--labels", "a,b", page.toString())
                        .exit())
                .isEqualTo(1);
        assertThat(CommandLineRun.of("classify", "--model", bundle, "--labels", "a", image)
                        .out())
                .isEqualTo(image + "  a 1.000" + System.lineSeparator());
    }

    private static void assertRefused(String message, String... options) {
        List<String> command = new ArrayList<>(List.of("classify", "--model", bundle));
        command.addAll(List.of(options));
        command.add(SharedFiles.golden("images/photo_dog_cat.jpg").toString());
        CommandLineRun run = CommandLineRun.of(command.toArray(new String[0]));
        assertThat(run.err()).isEqualTo("moderato classify: " + message + System.lineSeparator());
        assertThat(run.exit()).isEqualTo(2);
    }
}

package dev.moderato.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.hub.HubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model on a hub becomes a bundle that passes its verification. */
class PullCommandTest {
    @TempDir
    Path folder = Path.of("");

    private static HubServer hub() throws IOException {
        Path model = SharedFiles.tinyClip();
        HubServer server = HubServer.start();
        try (Stream<Path> files = Files.walk(model)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                server.with(model.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return server.with("README.md", "---\nlicense: apache-2.0\n---\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void pullsAndImports() throws IOException {
        try (HubServer server = hub()) {
            server.cuts.set(2);
            Path out = folder.resolve("tiny");
            CommandLineRun run = CommandLineRun.of(
                    "model",
                    "pull",
                    "owner/clip",
                    "--hub",
                    server.address(),
                    "--revision",
                    "v1",
                    "--out",
                    out.toString(),
                    "--json");
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.err())
                    .isEqualTo("Note: the learned logit scale is not in these files: 100 is assumed, as CLIP has"
                            + " (--logit-scale)" + System.lineSeparator());
            assertThat(JsonLine.read(run.out()).path("id").asText()).isEqualTo("tiny");
            var inspected = JsonLine.read(CommandLineRun.of("model", "inspect", out.toString(), "--json")
                    .out());
            assertThat(inspected.path("provenance").path("source").asText())
                    .isEqualTo(server.address() + "/owner/clip at " + HubServer.COMMIT);
            assertThat(inspected.path("provenance").path("licence").asText()).isEqualTo("apache-2.0");
            assertThat(CommandLineRun.of("model", "verify", out.toString()).exit())
                    .isZero();
            assertThat(names(folder)).containsExactly("tiny");
        }
    }

    @Test
    void keepsWhatWasDownloadedForTheNextTry() throws IOException {
        try (HubServer server = hub()) {
            Path out = folder.resolve("tiny");
            server.corrupts = "onnx/vision_model.onnx";
            String[] pull = {"model", "pull", "owner/clip", "--hub", server.address(), "--out", out.toString()};
            CommandLineRun failed = CommandLineRun.of(pull);
            assertThat(failed.exit()).isEqualTo(1);
            assertThat(failed.err())
                    .startsWith("moderato model pull: " + server.address())
                    .contains(" has sha256 ");
            assertThat(names(folder)).containsExactly(".tiny.pull");
            server.corrupts = null;
            int texts = server.askedFor("text_model.onnx").size();
            assertThat(CommandLineRun.of(pull).exit()).isZero();
            assertThat(server.askedFor("text_model.onnx")).hasSize(texts);
            assertThat(names(folder)).containsExactly("tiny");
        }
    }

    @Test
    void looksAtItsPlaceFirst() throws IOException {
        Files.writeString(folder.resolve("mine"), "x");
        CommandLineRun run = CommandLineRun.of(
                "model", "pull", "owner/clip", "--hub", "http://127.0.0.1:9", "--out", folder.toString());
        assertThat(run.err())
                .isEqualTo("moderato model pull: " + folder + " is not empty: name a new folder, or remove it first"
                        + System.lineSeparator());
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void refusesAHubWithoutHttps() {
        CommandLineRun run = CommandLineRun.of("model", "pull", "owner/clip", "--hub", "http://hub.example");
        assertThat(run.err())
                .startsWith("moderato model pull: the hub's address 'http://hub.example' must be https://");
        assertThat(run.exit()).isEqualTo(2);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> Objects.requireNonNull(file.getFileName()).toString())
                    .toList();
        }
    }
}

package dev.moderato.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.cli.CommandFailed;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files arrive whole and as the hub has them, over a bad line too, or not at all. */
class HubTest {
    private static final String GRAPH = "onnx/vision_model.onnx";

    @TempDir
    Path folder = Path.of("");

    private final byte[] graph = new byte[100_000];

    @SuppressWarnings("NullAway.Init")
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        new Random(5).nextBytes(graph);
        server = HubServer.start()
                .with(GRAPH, graph)
                .with("onnx/text_model.onnx", Arrays.copyOf(graph, 50_000))
                .with("onnx/text_model_fp16.onnx", new byte[9])
                .with("onnx/vision_model.onnx_data", new byte[7])
                .with("model.safetensors", new byte[3])
                .with("flax_model.msgpack", new byte[3])
                .with("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HubSettings settings() {
        return new HubSettings(URI.create(server.address()), 3, Duration.ofMillis(1), Duration.ofSeconds(5));
    }

    private Path pull() {
        Hub hub = new Hub(settings());
        return new HubPull(hub, false).into(folder.resolve("pull"), hub.model("owner/clip", "main"), null);
    }

    @Test
    void downloadsWhatAnImportNeeds() throws IOException {
        Path files = pull();
        assertThat(files).isEqualTo(folder.resolve("pull").resolve(HubServer.COMMIT));
        assertThat(Files.readAllBytes(files.resolve(GRAPH))).isEqualTo(graph);
        assertThat(files.resolve("config.json")).hasContent("{}");
        assertThat(files.resolve("onnx/text_model.onnx")).exists();
        assertThat(files.resolve("onnx/vision_model.onnx_data")).exists();
        assertThat(files.resolve("model.safetensors")).doesNotExist();
        assertThat(files.resolve("onnx/text_model_fp16.onnx")).doesNotExist();
        int before = server.asked.size();
        pull();
        assertThat(server.asked).as("what is there stays").hasSize(before + 1);
    }

    @Test
    void takesUpACutDownloadWhereItEnded() throws IOException {
        server.cuts.set(4);
        Path files = pull();
        assertThat(Files.readAllBytes(files.resolve(GRAPH))).isEqualTo(graph);
        assertThat(server.asked).anyMatch(asked -> asked.matches("/elsewhere/onnx/.*_model.onnx bytes=[1-9]\\d*-"));
    }

    @Test
    void takesUpWhatAnEarlierRunLeft() throws IOException {
        Path part = folder.resolve("pull").resolve(HubServer.COMMIT).resolve(GRAPH + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(graph, 60_000));
        Path files = pull();
        assertThat(Files.readAllBytes(files.resolve(GRAPH))).isEqualTo(graph);
        assertThat(server.askedFor("vision_model.onnx")).containsExactly("/elsewhere/" + GRAPH + " bytes=60000-");
        assertThat(part).doesNotExist();
    }

    @Test
    void startsAgainWhereWhatAnEarlierRunLeftIsOfAnotherFile() throws IOException {
        Path part = folder.resolve("pull").resolve(HubServer.COMMIT).resolve(GRAPH + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, new byte[60_000]);
        assertThat(Files.readAllBytes(pull().resolve(GRAPH))).isEqualTo(graph);
        Files.delete(folder.resolve("pull").resolve(HubServer.COMMIT).resolve(GRAPH));
        Files.write(part, new byte[200_000]); // longer than the file
        assertThat(Files.readAllBytes(pull().resolve(GRAPH))).isEqualTo(graph);
    }

    @Test
    void startsAgainWhereTheServerDoesNotResume() throws IOException {
        server.ignoresRanges = true;
        server.cuts.set(1);
        assertThat(Files.readAllBytes(pull().resolve(GRAPH))).isEqualTo(graph);
    }

    @Test
    void waitsForABusyServer() throws IOException {
        server.failures.set(2);
        assertThat(Files.readAllBytes(pull().resolve(GRAPH))).isEqualTo(graph);
    }

    @Test
    void givesUpOnAServerThatStaysBusy() {
        server.failures.set(3);
        assertFails(
                () -> pull(),
                "cannot look up owner/clip on " + server.address() + ": " + server.address()
                        + "/api/models/owner/clip/revision/main?blobs=true answers HTTP 503. The same command goes on"
                        + " where this one ended");
    }

    @Test
    void refusesAFileThatIsNotWhatTheHubSays() throws IOException {
        server.corrupts = GRAPH;
        assertThatThrownBy(() -> pull())
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("/resolve/" + HubServer.COMMIT + "/" + GRAPH + " has sha256 ")
                .hasMessageEndingWith(": the file was changed on its way, or the hub is broken");
        assertThat(folder.resolve("pull").resolve(HubServer.COMMIT).resolve(GRAPH))
                .doesNotExist();
        Files.delete(folder.resolve("pull").resolve(HubServer.COMMIT).resolve("config.json"));
        server.corrupts = "config.json";
        assertThatThrownBy(() -> pull()).hasMessageContaining("/config.json has git sha1 ");
    }

    @Test
    void takesChecksumsFromTheAnswerWhereTheListHasNone() throws IOException {
        server.listsChecksums = false;
        assertThat(Files.readAllBytes(pull().resolve(GRAPH))).isEqualTo(graph);
        Files.delete(folder.resolve("pull").resolve(HubServer.COMMIT).resolve(GRAPH));
        server.corrupts = GRAPH;
        assertThatThrownBy(() -> pull()).hasMessageContaining(" has sha256 ");
    }

    @Test
    void followsRedirectsToHereAloneAndNotForEver() throws IOException {
        server.redirectsTo = server.address() + "/elsewhere/" + GRAPH;
        Hub hub = new Hub(settings());
        HubModel model = hub.model("owner/clip", "v1");
        HubModel.File file = model.files().stream()
                .filter(candidate -> candidate.path().equals(GRAPH))
                .findFirst()
                .orElseThrow();
        hub.download(model, file, folder.resolve("absolute"), bytes -> {});
        assertThat(Files.readAllBytes(folder.resolve("absolute"))).isEqualTo(graph);
        server.redirectsTo = "/owner/clip/resolve/" + HubServer.COMMIT + "/" + GRAPH;
        assertThatThrownBy(() -> hub.download(model, file, folder.resolve("x"), bytes -> {}))
                .hasMessageContaining(" redirects more than 5 times");
        server.redirectsTo = "ftp://127.0.0.1/x";
        assertThatThrownBy(() -> hub.download(model, file, folder.resolve("x"), bytes -> {}))
                .hasMessageContaining(" redirects to ftp://127.0.0.1/x, which is not https");
    }

    @Test
    void saysWhatTheHubDoesNotHave() {
        Hub hub = new Hub(settings());
        assertFails(() -> hub.model("owner/none", "main"), server.address() + " has no model 'owner/none'");
        assertFails(() -> hub.model("owner/clip", "v9"), server.address() + " has no revision 'v9' of 'owner/clip'");
        assertFails(() -> hub.model("a b", "main"), "'a b' is no model's name on a hub: write OWNER/NAME");
        assertFails(() -> hub.model("../x", "main"), "'../x' is no model's name on a hub: write OWNER/NAME");
        HubModel bare = new HubModel("o/m", HubServer.COMMIT, List.of(new HubModel.File("model.safetensors")));
        assertThatThrownBy(() -> HubFiles.choose(bare, null))
                .hasMessageStartingWith("o/m has no ONNX towers (onnx/vision_model.onnx with onnx/text_model.onnx, or");
        assertFails(
                () -> HubFiles.choose(hub.model("owner/clip", "main"), "q4"),
                "owner/clip has no variant 'q4' of both towers; it has [fp16, fp32] (--variant)");
    }

    @Test
    void saysThatNoHubAnswers() {
        server.close();
        assertThatThrownBy(() -> new Hub(settings()).model("owner/clip", "main"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageStartingWith("cannot look up owner/clip on " + server.address() + ": ")
                .hasMessageContaining("refused");
    }

    @Test
    void asksForHttpsButOnThisMachine() {
        assertThat(HubSettings.at("https://hub.example/").address()).hasToString("https://hub.example");
        assertThat(HubSettings.at("http://localhost:8080").address()).hasPort(8080);
        for (String address :
                List.of("http://hub.example", "hub.example", "ftp://x", "https://", "http://127.0.0.1.evil.org")) {
            assertThatThrownBy(() -> HubSettings.at(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the hub's address '" + address + "' must be https://HOST (http:// only for this machine)");
        }
    }

    private static void assertFails(ThrowingCallable run, String message) {
        assertThatThrownBy(run).isInstanceOf(CommandFailed.class).hasMessage(message);
    }
}

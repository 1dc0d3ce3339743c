package dev.moderato.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.bundles.BundleStore;
import dev.moderato.bundles.S3Address;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.content.S3Access;
import dev.moderato.devstack.s3.S3Server;
import dev.moderato.events.ModelReleased;
import dev.moderato.trainer.publish.Channel;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that lie in an S3-compatible store: real broker, registry, service and encoder, and a store on loopback that verifies signatures. */
class StoredBundlesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private S3Server server;
    private Path settings;
    private LocalStack stack;
    private BundleStore store;
    private Releases releases;

    @BeforeEach
    void start() throws Exception {
        server = S3Server.start();
        Path secret = Files.writeString(folder.resolve("secret"), S3Server.SECRET_KEY + "\n");
        settings = Files.writeString(
                folder.resolve("service.yaml"), """
                bundles.s3.endpoint: %s
                bundles.s3.access.key: %s
                bundles.s3.secret.key: ${secret:%s}
                """.formatted(server.endpoint(), S3Server.ACCESS_KEY, secret));
        Path prompts = Files.createDirectory(folder.resolve("prompts"));
        Files.writeString(prompts.resolve("default.yaml"), """
                policy: default
                neutral: ["a tree", "a cat"]
                labels: {weapons.knife: {prompts: ["a knife"], thresholds: {review: 0.9}}}
                """);
        stack = LocalStack.start(new LocalStack.Plan(
                null,
                0,
                0,
                0,
                prompts,
                LocalStack.bundle(Launch.read().shippedModel()),
                settings,
                Map.of("bundles.cache", folder.resolve("service").toString())));
        store = new BundleStore(
                new S3Access("us-east-1", server.endpoint(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY),
                folder.resolve("trainer"),
                S3Address.parse("s3://models/moderato"));
        releases = new Releases(stack.cluster().client(), stack.cluster().topics(), store);
    }

    @AfterEach
    void stop() {
        store.close();
        stack.close();
        server.close();
    }

    /** The shipped bundle under another name, as a child. */
    private Path child(String id, String parent) throws IOException {
        Path shipped = Launch.read().shippedModel();
        Path copy = Files.createDirectory(folder.resolve(id));
        try (Stream<Path> files = Files.list(shipped)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        ObjectMapper json = new ObjectMapper();
        ObjectNode bundle =
                (ObjectNode) json.readTree(copy.resolve("bundle.json").toFile());
        bundle.put("id", id);
        ((ObjectNode) bundle.get("provenance")).put("parent", parent);
        json.writeValue(copy.resolve("bundle.json").toFile(), bundle);
        return copy;
    }

    @Test
    void theServiceSwapsToABundleThatItCopiesAndKeepsItWhereTheNextOneIsDamaged() throws Exception {
        ModelReleased second = releases.propose(child("demo-v2", "demo-v1"));
        assertThat(second.getUri()).startsWith("s3://models/moderato/demo-v2-");
        assertThat(run("train", "promote", "--set", "bundles.cache=" + folder.resolve("operator"))
                        .out())
                .isEqualToIgnoringNewLines("active: demo-v2");
        await("\"detail\":\"demo-v2@");
        assertThat(judgedBy("one")).isEqualTo("demo-v2");
        assertThat(folder.resolve("service").resolve(second.getSha256()).resolve("bundle.json"))
                .exists();

        ModelReleased third = releases.propose(child("demo-v3", "demo-v2"));
        releases.activate(second); // the operator's copy is made before the store's is damaged
        assertThat(releases.folder(third)).exists();
        String object = third.getUri().substring("s3://".length()) + "/image.onnx";
        byte[] whole = Objects.requireNonNull(server.object(object));
        byte[] damaged = whole.clone();
        damaged[damaged.length / 2] ^= 1;
        server.replace(object, damaged);
        CommandLineRun refused =
                run("train", "promote", "demo-v3", "--set", "bundles.cache=" + folder.resolve("operator"));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("s3://" + object + " has sha256 ").contains("; nothing was changed");

        assertThat(run("train", "promote", "demo-v3", "--set", "bundles.cache=" + folder.resolve("trainer"))
                        .exit())
                .as("from a copy that is whole")
                .isZero();
        await("is refused: s3://" + object + " has sha256 ");
        assertThat(health()).contains("\"ready\":true", "\"detail\":\"demo-v2@");
        assertThat(judgedBy("two")).isEqualTo("demo-v2");

        server.replace(object, whole);
        assertThat(run("train", "promote", "demo-v3", "--set", "bundles.cache=" + folder.resolve("trainer"))
                        .exit())
                .as("announced again, it gets another try")
                .isZero();
        await("\"detail\":\"demo-v3@");
        assertThat(health()).contains("\"warnings\":{}");
        assertThat(judgedBy("three")).isEqualTo("demo-v3");
    }

    @Test
    void aStoreThatIsAwayIsTriedAgainAndTheFirstBundleComesBackThroughIt() throws Exception {
        ModelReleased second = releases.propose(child("demo-v2", "demo-v1"));
        assertThat(releases.folder(second)).exists();
        server.fail(503, 6);
        releases.activate(second);
        await("is refused: s3://models/moderato/demo-v2-");
        assertThat(health()).contains("(tried again until it can be had)", "\"detail\":\"demo-v1@");
        await("\"detail\":\"demo-v2@");
        assertThat(health()).contains("\"warnings\":{}");

        CommandLineRun back = run("model", "rollback", "--set", "bundles.cache=" + folder.resolve("operator"));
        assertThat(back.exit()).as(back.err()).isZero();
        assertThat(Objects.requireNonNull(releases.read().in(Channel.ACTIVE)).getUri())
                .as("brought beside the one that it was the parent of")
                .startsWith("s3://models/moderato/demo-v1-");
        await("\"detail\":\"demo-v1@");
    }

    @Test
    void nothingIsAnnouncedThatCouldNotBeBroughtThere() throws Exception {
        Path child = child("demo-v2", "demo-v1");
        server.close();
        Assertions.assertThatThrownBy(() -> releases.propose(child))
                .isInstanceOf(PublishException.class)
                .hasMessageStartingWith(
                        child + " could not be brought to where the service finds it: s3://models/moderato/demo-v2-")
                .hasMessageContaining(" cannot be reached at " + server.endpoint())
                .hasMessageEndingWith("; nothing was announced");
        assertThat(releases.read().channels()).isEmpty();
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(args),
                        Stream.of(
                                "--settings",
                                settings.toString(),
                                "--bootstrap",
                                stack.bootstrapServers(),
                                "--registry",
                                stack.registryUrl()))
                .toArray(String[]::new));
    }

    private String judgedBy(String id) throws IOException {
        Path image = Launch.read().home().resolve("prompts/examples/axe-01.png");
        CommandLineRun run = CommandLineRun.of(
                "submit",
                image.toString(),
                "--wait",
                "--json",
                "--bootstrap",
                stack.bootstrapServers(),
                "--registry",
                stack.registryUrl());
        assertThat(run.exit()).as(id + run.err()).isZero();
        return new ObjectMapper()
                .readTree(run.out().getBytes(StandardCharsets.UTF_8))
                .at("/model/id")
                .asText();
    }

    private void await(String wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String seen = health();
        while (!seen.contains(wanted)) {
            assertThat(System.nanoTime()).as("no %s, but %s", wanted, seen).isLessThan(deadline);
            Thread.sleep(100);
            seen = health();
        }
    }

    private String health() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(stack.opsUrl() + "/health/ready"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}

package dev.moderato.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.trainer.publish.Releases;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that is to become active, and policies calibrated for another one: real broker, registry, service and encoder. */
class ActivationTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private Path prompts;
    private LocalStack stack;

    private static String policy(String calibratedFor) {
        return """
                policy: default
                neutral: ["a tree", "a cat"]
                labels:
                  weapons.knife:
                    prompts: ["a knife"]
                    thresholds: {review: 0.9}
                    calibration: {%s}
                  weapons.gun: {prompts: ["a gun"], thresholds: {review: 0.9}}
                """.formatted(calibratedFor);
    }

    @BeforeEach
    void start() throws Exception {
        prompts = Files.createDirectory(folder.resolve("prompts"));
        Files.writeString(prompts.resolve("default.yaml"), policy("demo-v1: {a: 1.5, b: 0, n: 40}"));
        stack = LocalStack.start(new LocalStack.Plan(
                null, 0, 0, 0, prompts, LocalStack.bundle(Launch.read().shippedModel()), null, Map.of()));
        new Releases(stack.cluster().client(), stack.cluster().topics(), new ServiceOptions().store(null))
                .propose(child());
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    /** The shipped bundle under another name, as its own child. */
    private Path child() throws IOException {
        Path shipped = Launch.read().shippedModel();
        Path copy = Files.createDirectory(folder.resolve("demo-v2"));
        try (Stream<Path> files = Files.list(shipped)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        ObjectMapper json = new ObjectMapper();
        ObjectNode bundle =
                (ObjectNode) json.readTree(copy.resolve("bundle.json").toFile());
        bundle.put("id", "demo-v2");
        ((ObjectNode) bundle.get("provenance")).put("parent", "demo-v1");
        json.writeValue(copy.resolve("bundle.json").toFile(), bundle);
        return copy;
    }

    @Test
    void activationAsksForCalibrationsAndTheServiceWarnsOfMissingOnes() throws Exception {
        assertThat(get("/health/ready")).contains("\"warnings\":{}");

        CommandLineRun promote = run("train", "promote");
        assertThat(promote.exit()).isEqualTo(1);
        assertThat(promote.err())
                .contains("policy default has labels that are calibrated, but not for demo-v2: weapons.knife. Calibrate"
                        + " them with `moderato policy calibrate FILE --label LABEL --model BUNDLE_DIR` and publish the"
                        + " file, or say --uncalibrated.");
        assertThat(run("model", "rollback").err()).contains("has no active bundle");

        assertThat(run("train", "promote", "--uncalibrated").out()).isEqualToIgnoringNewLines("active: demo-v2");
        await("/health/ready", "\"detail\":\"demo-v2@");
        await(
                "/health/ready",
                "\"calibration of policy default\":\"not calibrated for demo-v2: weapons.knife; their thresholds were");
        assertThat(get("/health/ready")).contains("\"ready\":true");
        await("/metrics", "moderato_uncalibrated_labels{policy=\"default\"} 1");

        Files.writeString(prompts.resolve("default.yaml"), policy("demo-v2: {a: 1.2, b: 0, n: 40}"));
        await("/health/ready", "\"warnings\":{}");
        await("/metrics", "moderato_uncalibrated_labels{policy=\"default\"} 0");
        assertThat(run("model", "rollback").err())
                .contains("policy default has labels that are calibrated, but not for demo-v1: weapons.knife.");

        assertThat(run("model", "rollback", "--uncalibrated").out()).isEqualToIgnoringNewLines("active: demo-v1");
        await("/health/ready", "not calibrated for demo-v1: weapons.knife");
        assertThat(run("train", "promote", "demo-v2").out())
                .as("calibrated for it")
                .isEqualToIgnoringNewLines("active: demo-v2");
        await("/health/ready", "\"warnings\":{}");
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new));
    }

    private void await(String path, String wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String seen = get(path);
        while (!seen.contains(wanted)) {
            assertThat(System.nanoTime()).as("no %s, but %s", wanted, seen).isLessThan(deadline);
            Thread.sleep(100);
            seen = get(path);
        }
    }

    private String get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(stack.opsUrl() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}

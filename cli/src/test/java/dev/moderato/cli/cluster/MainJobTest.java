package dev.moderato.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import dev.moderato.cli.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against the whole stack: real broker, registry, service and encoder. */
class MainJobTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path HOME = Launch.read().home();

    @TempDir
    static Path folder;

    private static LocalStack stack;

    @BeforeAll
    static void start() throws Exception {
        Launch launch = Launch.read();
        stack = LocalStack.start(new LocalStack.Plan(
                null, 0, 0, 0, launch.shippedPrompts(), LocalStack.bundle(launch.shippedModel()), null, Map.of()));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void printsAnExplainedResultAsOneJsonLine() throws IOException {
        Path image = HOME.resolve("prompts/examples/knife-01.png");

        CommandLineRun run = submit(image.toString(), "--wait", "--json");

        assertThat(run.exit()).isZero();
        JsonNode result = JSON.readTree(run.out());
        assertThat(result.path("id").asText()).startsWith("knife-01.png-");
        assertThat(result.path("verdict").asText()).isIn("ALLOW", "REVIEW", "BLOCK");
        assertThat(result.path("policy").path("name").asText()).isEqualTo("default");
        assertThat(result.path("policy").path("version").asText()).isNotBlank();
        assertThat(result.path("model").path("id").asText()).isNotBlank();
        assertThat(result.path("image").path("sha256").asText()).matches("[0-9a-f]{64}");
        JsonNode label = result.path("labels").path(0);
        for (String field : List.of("label", "score", "action", "winningPrompt", "nearestNeutral", "margin")) {
            assertThat(label.has(field)).as(field).isTrue();
        }
    }

    @Test
    void answersTheSameImageTwice() {
        String image = HOME.resolve("prompts/examples/cat-01.png").toString();

        CommandLineRun run = submit(image, image, "--wait", "--json");

        assertThat(run.outLines()).hasSize(2);
        assertThat(run.exit()).isZero();
    }

    @Test
    void saysWhyABadFileFailed() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "this is no image");

        CommandLineRun run = submit(text.toString(), "--wait");

        assertThat(run.out()).startsWith("FAILED  text.png-").contains("NOT_AN_IMAGE");
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void saysWhichPolicyIsUnknown() {
        String image = HOME.resolve("prompts/examples/cat-01.png").toString();

        CommandLineRun run = submit(image, "--policy", "defualt", "--wait");

        assertThat(run.out()).contains("UNKNOWN_POLICY").contains("defualt");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(submit(image, "--surface", "nowhere", "--wait").out()).contains("UNKNOWN_SURFACE");
    }

    @Test
    void takesFeedbackOnAResultAndRefusesAnUnknownLabel() {
        String image = HOME.resolve("prompts/examples/cat-01.png").toString();
        submit(image, "--id", "the-cat", "--wait");

        assertThat(run("feedback", "the-cat", "weapons.knife", "absent").out())
                .isEqualToIgnoringNewLines("noted: weapons.knife is absent from the-cat");
        CommandLineRun unknown = run("feedback", "the-cat", "weapons.knive", "absent");
        assertThat(unknown.err())
                .contains("has no label weapons.knive; it has ")
                .contains("weapons.knife");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(run("feedback", "nobody", "weapons.knife", "absent").err()).contains("no result of nobody");
    }

    @Test
    void listsTheResultsThatTheTopicsHold() {
        submit(HOME.resolve("prompts/examples/cat-01.png").toString(), "--id", "listed", "--wait");

        assertThat(run("results", "--json").outLines())
                .anySatisfy(line -> assertThat(line).contains("\"id\":\"listed\""));
    }

    /** A second application of Kafka's: Confluent's deserializer against the printed address, without our classes. */
    @Test
    void writesWhatConfluentsDeserializerReads() {
        submit(HOME.resolve("prompts/examples/cat-01.png").toString(), "--id", "generic", "--wait");

        Map<String, Object> settings = Map.of(
                "bootstrap.servers", stack.bootstrapServers(),
                "schema.registry.url", stack.registryUrl(),
                "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
                "value.deserializer", "io.confluent.kafka.serializers.KafkaAvroDeserializer",
                "isolation.level", "read_committed");
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, Object> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = consumer.partitionsFor("moderation.results").stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Instant end = Instant.now().plusSeconds(20);
            while (Instant.now().isBefore(end) && !String.join("", read).contains("\"generic\"")) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(result -> read.add(result.value().toString()));
            }
        }
        assertThat(read).anySatisfy(result -> assertThat(result).contains("\"id\": \"generic\""));
    }

    private static CommandLineRun submit(String... args) {
        List<String> all = new ArrayList<>(List.of("submit"));
        all.addAll(List.of(args));
        return run(all.toArray(String[]::new));
    }

    private static CommandLineRun run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()));
        return CommandLineRun.of(all.toArray(String[]::new));
    }
}

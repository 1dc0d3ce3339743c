package dev.moderato.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.devstack.EmbeddedBroker;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real broker; each test has a prefix of its own. */
class TopicsCommandTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(null, 0);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void createsWhatIsMissingAndThenChecksClean() {
        assertThat(run("check", "--prefix", "fresh").exit()).isEqualTo(1);

        CommandLineRun created = run("create", "--prefix", "fresh", "--partitions", "3", "--replication", "1");

        assertThat(created.exit()).isZero();
        assertThat(created.outLines())
                .contains(
                        "created fresh.images: 3 partitions, delete after 7 days, records up to 8 MiB",
                        "created fresh.policies: 1 partition, compact, records up to 1 MiB")
                .last()
                .isEqualTo("8 topics: they serve as they are.");
        CommandLineRun checked = run("check", "--prefix", "fresh", "--partitions", "3", "--replication", "1");
        assertThat(checked.exit()).isZero();
        assertThat(checked.outLines()).containsExactly("8 topics: they serve as they are.");
        assertThat(run("create", "--prefix", "fresh", "--partitions", "3").outLines())
                .as("a second run")
                .containsExactly("8 topics: they serve as they are.");
    }

    @Test
    void saysWhatMustBeDecidedByHand() {
        run("create", "--prefix", "few", "--partitions", "2");

        CommandLineRun grown = run("create", "--prefix", "few", "--partitions", "4");

        assertThat(grown.exit()).isEqualTo(1);
        assertThat(grown.outLines())
                .contains("few.images: partitions is 2, wanted 4: it must be decided by hand.")
                .last()
                .isEqualTo("8 topics: 6 differences to be dealt with.");
    }

    @Test
    void leavesMoreThanIsWantedAlone() {
        run("create", "--prefix", "many", "--partitions", "4");

        CommandLineRun checked = run("check", "--prefix", "many", "--partitions", "2");

        assertThat(checked.exit()).isZero();
        assertThat(checked.outLines())
                .contains("many.images: partitions is 4, wanted 2: it is left alone: nothing is ever shrunk.");
    }

    @Test
    void printsOneJsonLineATopic() throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()))) {
            NewTopic small = new NewTopic("json.images", 2, (short) 1).configs(Map.of("retention.ms", "1000"));
            admin.createTopics(List.of(small)).all().get();
        }
        ObjectMapper json = new ObjectMapper();

        CommandLineRun created = run("create", "--prefix", "json", "--partitions", "2", "--json");

        assertThat(created.exit()).isZero();
        List<JsonNode> lines =
                created.out().lines().map(line -> read(json, line)).toList();
        assertThat(lines).hasSize(8).allMatch(line -> line.path("asWanted").asBoolean());
        JsonNode images = lines.get(0);
        assertThat(images.path("topic").asText()).isEqualTo("json.images");
        assertThat(images.path("config").path("retention.ms").asText()).isEqualTo("604800000");
        assertThat(images.path("drifts"))
                .anySatisfy(drift -> assertThat(drift.toString())
                        .isEqualTo("{\"setting\":\"retention.ms\",\"wanted\":\"604800000\",\"found\":\"1000\","
                                + "\"remedy\":\"RAISE\",\"done\":true}"));
    }

    @Test
    void refusesNumbersThatMakeNoTopic() {
        assertThat(run("create", "--partitions", "0").err())
                .isEqualToIgnoringNewLines("moderato topics create: Topics need at least 1 partition, not 0.");
        assertThat(run("check", "--replication", "0").err())
                .isEqualToIgnoringNewLines("moderato topics check: --replication is 0; write 1 or more");
    }

    @Test
    void saysThatTheClusterRefuses() {
        CommandLineRun refused = run("create", "--prefix", "wide", "--replication", "5");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("moderato topics create: the broker at " + broker.bootstrapServers() + " refuses: ");
        assertThat(refused.err().lines()).hasSize(1);
    }

    private static CommandLineRun run(String command, String... options) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of("topics", command, "--bootstrap", broker.bootstrapServers()), Stream.of(options))
                .toArray(String[]::new));
    }

    private static JsonNode read(ObjectMapper json, String line) {
        try {
            return json.readTree(line);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(line, e);
        }
    }
}

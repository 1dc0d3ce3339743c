package dev.moderato.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.CommandProcess;
import dev.moderato.cli.cluster.Outcome;
import dev.moderato.cli.cluster.OutcomeTail;
import dev.moderato.cli.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.common.errors.InterruptException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code policy rescore} killed, interrupted, and run by two at once: each image's verdict comes exactly once. */
class RescoreProcessesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private static LocalStack stack;
    /** What was moderated, and is to be judged anew. */
    private static Set<String> images;

    @BeforeAll
    static void moderate() throws Exception {
        Path prompts = Files.createDirectory(folder.resolve("prompts"));
        Files.writeString(prompts.resolve("default.yaml"), """
                policy: default
                neutral: ["a tree", "a cat"]
                labels:
                  weapons.knife: {prompts: ["a knife"], thresholds: {review: 0.9}}
                """);
        stack = LocalStack.start(
                new LocalStack.Plan(null, 0, 0, 0, prompts, LocalStack.bundle(Checkout.demoModel()), null, Map.of()));
        try (OutcomeTail tail = OutcomeTail.fromNow(stack.cluster())) {
            CommandLineRun.of(address(
                    "submit", Checkout.root().resolve("prompts/examples").toString(), "--wait"));
            images = new TreeSet<>(readTo(tail, 31));
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void oneThatIsKilledInATransactionIsResumedWhereItHadCommitted() throws Exception {
        try (OutcomeTail tail = OutcomeTail.fromNow(stack.cluster())) {
            try (CommandProcess killed = rescore("1h", Map.of(SlowClient.DIE_AT, "9"))) {
                assertThat(killed.await()).isEqualTo(137);
                assertThat(killed.printed()).isEmpty();
            }
            List<String> results = readTo(tail, 1);

            long resumed = emitted(CommandLineRun.of(command("1h")).out());

            assertThat(resumed)
                    .as("of at most two results in a transaction the ninth came after seven were committed")
                    .isBetween(1L, images.size() - 7L);
            results.addAll(readTo(tail, images.size() - results.size()));
            assertThat(results).containsExactlyInAnyOrderElementsOf(images);
        }
    }

    @Test
    void oneThatIsInterruptedCommitsWhatItHasAndIsResumedAtOnce() throws Exception {
        long first;
        try (CommandProcess interrupted = rescore("2h", Map.of(SlowClient.PAUSE_MILLIS, "200"));
                OutcomeTail tail = OutcomeTail.fromNow(stack.cluster())) {
            readTo(tail, 1);
            interrupted.terminate();
            assertThat(interrupted.await()).isEqualTo(143);
            first = emitted(String.join("\n", interrupted.printed()));
        }

        long second = emitted(CommandLineRun.of(command("2h")).out());

        assertThat(first).isPositive();
        assertThat(first + second).isEqualTo(images.size());
        assertThat(emitted(CommandLineRun.of(command("2h")).out())).isZero();
    }

    @Test
    void twoProcessesShareThePartitions() throws Exception {
        Path gate = folder.resolve("both-are-there");
        Map<String, String> waiting = Map.of(SlowClient.GATE, gate.toString(), SlowClient.PAUSE_MILLIS, "200");
        try (OutcomeTail tail = OutcomeTail.fromNow(stack.cluster());
                CommandProcess one = rescore("3h", waiting);
                CommandProcess other = rescore("3h", waiting)) {
            awaitMembers(2, ".3h.all");
            Files.createFile(gate);
            assertThat(one.await()).isZero();
            assertThat(other.await()).isZero();

            long byOne = emitted(String.join("\n", one.printed()));
            long byOther = emitted(String.join("\n", other.printed()));
            assertThat(byOne).isPositive();
            assertThat(byOther).isPositive();
            assertThat(byOne + byOther).isEqualTo(images.size());
            List<String> results = readTo(tail, images.size());
            assertThat(results).containsExactlyInAnyOrderElementsOf(images);
        }
    }

    private static CommandProcess rescore(String since, Map<String, String> how) throws IOException {
        StringBuilder client = new StringBuilder("max.poll.records=2\nheartbeat.interval.ms=200\n")
                .append("interceptor.classes=")
                .append(SlowClient.class.getName())
                .append('\n');
        how.forEach(
                (name, value) -> client.append(name).append('=').append(value).append('\n'));
        Path config = Files.writeString(folder.resolve("client-" + since + ".properties"), client);
        return CommandProcess.start(
                Stream.concat(Stream.of(command(since)), Stream.of("--threads", "1", "--config", config.toString()))
                        .toArray(String[]::new));
    }

    /** The age makes it work of its own: progress is kept for each. */
    private static String[] command(String since) {
        return address("policy", "rescore", "--policy", "default", "--all", "--since", since, "--json");
    }

    private static String[] address(String... args) {
        return Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new);
    }

    private static long emitted(String line) throws IOException {
        JsonNode json = JSON.readTree(line);
        assertThat(json.has("emitted")).as(line).isTrue();
        return json.path("emitted").asLong();
    }

    /** The images of at least so many outcomes, and of whatever else is there then. */
    private static List<String> readTo(OutcomeTail tail, int count) {
        List<String> ids = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean more = true;
        while (more) {
            List<Outcome> outcomes = tail.poll(Duration.ofMillis(300));
            outcomes.forEach(outcome -> ids.add(outcome.id()));
            more = !outcomes.isEmpty() || (ids.size() < count && System.nanoTime() < deadline);
        }
        assertThat(ids).hasSizeGreaterThanOrEqualTo(count);
        return ids;
    }

    private static void awaitMembers(int wanted, String ofGroup) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (members(ofGroup) != wanted) {
            assertThat(System.nanoTime()).as("members of %s", ofGroup).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private static int members(String ofGroup) {
        return stack.cluster().administer(admin -> {
            try {
                List<String> groups = admin.listGroups().all().get().stream()
                        .map(GroupListing::groupId)
                        .filter(id -> id.endsWith(ofGroup))
                        .toList();
                return admin.describeConsumerGroups(groups).all().get().values().stream()
                        .mapToInt(group -> group.members().size())
                        .sum();
            } catch (ExecutionException e) {
                return 0; // it has come or gone in between
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        });
    }
}

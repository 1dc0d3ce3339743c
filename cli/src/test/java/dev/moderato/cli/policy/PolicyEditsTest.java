package dev.moderato.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.CommandProcess;
import dev.moderato.cli.Load;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Verdict;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies edited while images are moderated: real broker, registry, service and encoder. */
class PolicyEditsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path prompts;

    @TempDir
    Path workshop;

    private LocalStack stack;
    private Load load;

    /** Both thresholds are the version's own number: a result that mixes two versions shows two numbers. */
    private static String policy(double threshold) {
        return String.format(Locale.ROOT, """
                policy: default
                neutral: ["a tree", "a cat"]
                labels:
                  weapons.knife: {prompts: ["a knife"], thresholds: {review: %1$.4f}}
                  weapons.gun: {prompts: ["a gun"], negatives: ["a knife"], thresholds: {review: %1$.4f}}
                tests:
                  - {image: knife.png, expect: {weapons.gun: allow}}
                """, threshold);
    }

    private static String version(String source) {
        return PolicyParser.parse(source, "p", Templates.none()).orElseThrow().version();
    }

    @BeforeEach
    void start() throws Exception {
        byte[] knife = Files.readAllBytes(Checkout.root().resolve("prompts/examples/knife-01.png"));
        Files.write(prompts.resolve("knife.png"), knife);
        Files.writeString(prompts.resolve("default.yaml"), policy(0.9));
        stack = LocalStack.start(
                new LocalStack.Plan(null, 0, 0, 0, prompts, LocalStack.bundle(Checkout.demoModel()), null, Map.of()));
        load = new Load(stack.cluster(), knife);
    }

    @AfterEach
    void stop() {
        load.close();
        stack.close();
    }

    @Test
    void anEditJudgesTheNextImagesAndABrokenOneChangesNothing() throws Exception {
        load.await("under the first version", result -> isUnder(result, policy(0.9)));

        Files.writeString(prompts.resolve("default.yaml"), policy(0.8));
        load.await("under the edited version", result -> isUnder(result, policy(0.8)));

        Files.writeString(prompts.resolve("default.yaml"), policy(0.7).replace("thresholds", "treshold"));
        await(() -> health().contains("default.yaml:4:"));
        assertThat(health())
                .contains("\"ready\":true")
                .contains("default.yaml:4:41: error: unknown key 'treshold'")
                .contains("did you mean 'thresholds'?");
        assertThat(get("/metrics")).contains("moderato_distribution_total{kind=\"file\",result=\"refused\"");

        Files.writeString(
                prompts.resolve("default.yaml"), policy(0.7).replace("weapons.gun: allow", "weapons.gun: review"));
        await(() -> health().contains("1 of its 1 tests fail: knife.png: weapons.gun expected review, got allow"));

        Files.writeString(
                prompts.resolve("default.yaml"),
                policy(0.7).replace("a gun", "a gun " + "and another gun ".repeat(30)));
        await(() -> health().contains("default.yaml:5:27: error: the prompt takes "));
        assertThat(health()).contains("the text encoder reads 32: shorten it by ");

        Files.writeString(prompts.resolve("default.yaml"), policy(0.6));
        load.await("under the repaired version", result -> isUnder(result, policy(0.6)));
        await(() -> health().contains("\"warnings\":{}"));

        assertNothingIsLostOrMixed(policy(0.9), policy(0.8), policy(0.6));
    }

    @Test
    void twoHundredEditsInARowLoseNothingAndMixNothing() throws Exception {
        String[] versions = Stream.iterate(0, i -> i + 1)
                .limit(201)
                .map(i -> policy(0.9 - i * 0.001))
                .toArray(String[]::new);
        for (String version : versions) {
            Files.writeString(prompts.resolve("default.yaml"), version);
            Thread.sleep(60);
        }
        load.await("under the last version", result -> isUnder(result, versions[200]));

        List<ModerationResult> results = assertNothingIsLostOrMixed(versions);
        assertThat(results.stream()
                        .map(result -> result.getPolicy().getVersion())
                        .distinct())
                .as("versions that came into force on the way")
                .hasSizeGreaterThan(5);
    }

    @Test
    void takesWhatEditorsAndKubernetesDo() throws Exception {
        // an editor's temporary file that is renamed over the policy
        Path temporary = Files.writeString(prompts.resolve(".default.yaml.swp"), policy(0.8));
        move(temporary, prompts.resolve("default.yaml"));
        load.await("after a rename", result -> isUnder(result, policy(0.8)));

        // two saves in 100 ms: the first one empties the file
        Files.writeString(prompts.resolve("default.yaml"), "");
        Thread.sleep(50);
        Files.writeString(prompts.resolve("default.yaml"), policy(0.7));
        load.await("after two saves", result -> isUnder(result, policy(0.7)));

        // a ConfigMap: the file is a link through a folder's link, which is swapped
        Path first = Files.createDirectory(prompts.resolve("..2026_1"));
        Files.writeString(first.resolve("default.yaml"), policy(0.6));
        Path data = Files.createSymbolicLink(prompts.resolve("..data"), Path.of("..2026_1"));
        Path link = Files.createSymbolicLink(workshop.resolve("link"), Path.of("..data/default.yaml"));
        move(link, prompts.resolve("default.yaml"));
        load.await("behind links", result -> isUnder(result, policy(0.6)));
        Path second = Files.createDirectory(prompts.resolve("..2026_2"));
        Files.writeString(second.resolve("default.yaml"), policy(0.5));
        Path swap = Files.createSymbolicLink(workshop.resolve("data"), Path.of("..2026_2"));
        move(swap, data);
        load.await("after the swap", result -> isUnder(result, policy(0.5)));

        assertNothingIsLostOrMixed(policy(0.9), policy(0.8), policy(0.7), policy(0.6), policy(0.5));
    }

    @Test
    void aDeletedFileLeavesThePolicyInForceUntilItIsRetired() throws Exception {
        Files.delete(prompts.resolve("default.yaml"));
        await(() -> health().contains("default.yaml is gone and policy default stays in force"));
        assertThat(load.await("after the deletion", result -> true).getPolicy().getVersion())
                .isEqualTo(version(policy(0.9)));

        assertThat(run("policy", "retire", "default").out())
                .contains("retired: policy default@" + version(policy(0.9)));
        await(() -> load.failures().stream().anyMatch(failure -> failure.startsWith("UNKNOWN_POLICY")));
        assertThat(health()).contains("\"warnings\":{}");
        assertThat(run("policy", "retire", "default").err()).contains("no policy default is in force");

        Files.writeString(prompts.resolve("default.yaml"), policy(0.9));
        await(() -> health().contains("policy default: it was retired since "));
    }

    @Test
    void publishesFromTheCommandLineAndReportsConflicts() throws Exception {
        Path own = workshop.resolve("default.yaml");
        Files.copy(prompts.resolve("knife.png"), workshop.resolve("knife.png"));
        Files.writeString(own, policy(0.8));

        CommandLineRun published = run("policy", "publish", own.toString(), "--publisher", "ann");
        assertThat(published.out())
                .isEqualToIgnoringNewLines(own + ": policy default@" + version(policy(0.8)) + " is published");
        load.await("as published", result -> isUnder(result, policy(0.8)));
        assertThat(run("policy", "publish", own.toString()).out()).contains("is published already");

        String first = version(policy(0.9));
        assertThat(run("policy", "history", "default").outLines())
                .satisfiesExactly(
                        head -> assertThat(head).startsWith("policy"),
                        line -> assertThat(line).startsWith("default@" + first).endsWith("none"),
                        line -> assertThat(line)
                                .startsWith("default@" + version(policy(0.8)))
                                .containsPattern("  ann +" + first + " +in force$"));
        assertThat(run("policy", "history", "default@" + first).out()).isEqualTo(policy(0.9));
        assertThat(run("policy", "history", "nobody").err()).contains("nothing was published as nobody");

        Files.writeString(own, policy(0.75));
        CommandLineRun conflict = run("policy", "publish", own.toString(), "--over", version(policy(0.9)));
        assertThat(conflict.out())
                .contains("not published: policy default: " + version(policy(0.8)) + " was published by ann since "
                        + version(policy(0.9)) + " was seen");
        assertThat(conflict.exit()).isEqualTo(1);

        Files.writeString(own, policy(0.8).replace("weapons.gun: allow", "weapons.gun: review"));
        CommandLineRun failing = run("policy", "publish", own.toString());
        assertThat(failing.out()).as("the meaning is the same").contains("is published already");
        Files.writeString(own, policy(0.7).replace("weapons.gun: allow", "weapons.gun: review"));
        assertThat(run("policy", "publish", own.toString(), "--json").out())
                .contains("\"outcome\":\"refused\"", "1 of its 1 tests fail");

        // the watched folder still holds the version before: its next edit must not overwrite what ann published
        Files.writeString(prompts.resolve("default.yaml"), policy(0.65));
        await(() -> health().contains("was published by ann since " + version(policy(0.9)) + " was seen"));
        assertNothingIsLostOrMixed(policy(0.9), policy(0.8));
    }

    @Test
    void aCommandPublishesWhatIsSavedInItsFolderUntilItIsStopped() throws Exception {
        Path file = workshop.resolve("tenant.yaml");
        Files.copy(prompts.resolve("knife.png"), workshop.resolve("knife.png"));
        Files.writeString(file, tenant(0.8));
        try (CommandProcess watching =
                CommandProcess.start(address("policy", "publish", workshop.toString(), "--watch"))) {
            watching.awaitLine(
                    line -> line.equals("tenant.yaml: policy tenant@" + version(tenant(0.8)) + " is published"));

            Files.writeString(file, tenant(0.7).replace("thresholds", "treshold"));
            watching.awaitLine(line ->
                    line.startsWith("tenant.yaml: not published: tenant.yaml:4:41: error: unknown key 'treshold'"));
            Files.writeString(file, tenant(0.7).replace("weapons.gun: allow", "weapons.gun: review"));
            watching.awaitLine(line -> line.startsWith("tenant.yaml: not published: 1 of its 1 tests fail: knife.png"));

            Files.writeString(file, tenant(0.6));
            watching.awaitLine(
                    line -> line.equals("tenant.yaml: policy tenant@" + version(tenant(0.6)) + " is published"));
            await(() -> health().contains("\"policy tenant\":{\"ready\":true,\"detail\":\"" + version(tenant(0.6))));
            assertThat(run("submit", workshop.resolve("knife.png").toString(), "--policy", "tenant", "--wait", "--json")
                            .out())
                    .contains(version(tenant(0.6)));

            Files.delete(file);
            watching.awaitLine(line -> line.startsWith("tenant.yaml: gone; policy tenant stays in force until"));
            watching.terminate();
            assertThat(watching.await())
                    .as("that of a process which SIGTERM ended")
                    .isEqualTo(143);
        }
    }

    private static String tenant(double threshold) {
        return policy(threshold).replace("policy: default", "policy: tenant");
    }

    private List<ModerationResult> assertNothingIsLostOrMixed(String... sources) throws InterruptedException {
        List<ModerationResult> results = load.finish();
        assertThat(load.failures()).isEmpty();
        assertThat(results.stream().map(ModerationResult::getId)).containsExactlyInAnyOrderElementsOf(load.published());
        Map<String, Double> thresholds = new HashMap<>();
        for (String source : sources) {
            var policy = PolicyParser.parse(source, "p", Templates.none()).orElseThrow();
            thresholds.put(policy.version(), policy.labels().get(0).rule().review());
        }
        assertThat(results).allSatisfy(result -> {
            assertThat(thresholds).containsKey(result.getPolicy().getVersion());
            Double own = thresholds.get(result.getPolicy().getVersion());
            result.getLabels().stream().filter(label -> !label.getGroup()).forEach(label -> {
                assertThat(label.getThresholds().getReview()).isEqualTo(own);
                assertThat(label.getOutcome())
                        .isEqualTo(own != null && label.getScore() >= own ? Verdict.REVIEW : Verdict.ALLOW);
            });
        });
        return results;
    }

    private static boolean isUnder(ModerationResult result, String source) {
        return result.getPolicy().getVersion().equals(version(source));
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.of(address(args));
    }

    private String[] address(String... args) {
        return Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private String health() {
        return get("/health/ready");
    }

    private String get(String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(stack.opsUrl() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}

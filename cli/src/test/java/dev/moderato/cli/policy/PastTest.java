package dev.moderato.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.cluster.Outcome;
import dev.moderato.cli.cluster.OutcomeTail;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Origin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was moderated, judged anew: real broker, registry, service and encoder. */
class PastTest {
    private static final String LIVE = """
            policy: default
            neutral: ["a tree", "a cat"]
            labels:
              weapons.knife: {prompts: ["a knife"], thresholds: {review: 0.9}}
              weapons.gun: {prompts: ["a gun"], negatives: ["a knife"], thresholds: {review: 0.9}}
            """;
    private static final String STRICTER = LIVE.replace(
            "prompts: [\"a knife\"], thresholds: {review: 0.9}",
            "prompts: [\"a knife\"], thresholds: {review: 0.8, block: 0.9}");

    @TempDir
    static Path folder;

    private static Path prompts;
    private static LocalStack stack;

    @BeforeAll
    static void moderate() throws Exception {
        prompts = Files.createDirectory(folder.resolve("prompts"));
        Files.writeString(prompts.resolve("default.yaml"), LIVE);
        stack = LocalStack.start(
                new LocalStack.Plan(null, 0, 0, 0, prompts, LocalStack.bundle(Checkout.demoModel()), null, Map.of()));
        assertThat(run("submit", Checkout.root().resolve("prompts/examples").toString(), "--wait")
                        .exit())
                .isZero();
        String cat = Checkout.root().resolve("prompts/examples/cat-01.png").toString();
        run("submit", cat, "--id", "twice", "--wait");
        run("submit", cat, "--id", "twice", "--wait");
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void showsWhatAnEditWouldChangeThenChangesExactlyThatOnce() throws Exception {
        Path edit = Files.writeString(folder.resolve("edit.yaml"), STRICTER);
        Path page = folder.resolve("diff.html");
        CommandLineRun diff =
                run("policy", "diff", "default", edit.toString(), "--since", "1h", "--json", "--html", page.toString());
        assertThat(diff.err()).contains("1 embeddings were left out: there is a later one of the same image");
        JsonNode changes = new ObjectMapper().readTree(diff.out());
        List<ModerationResult> live = results(Origin.LIVE);
        long knives = live.stream()
                .filter(result -> result.getLabels().stream()
                        .anyMatch(label -> label.getLabel().equals("weapons.knife") && label.getScore() >= 0.8))
                .count();
        assertThat(knives).isPositive();
        assertThat(changes.path("images").asLong()).isEqualTo(live.size() - 1L); // one image was submitted twice
        assertThat(changes.path("labels").findValuesAsText("label")).containsOnly("weapons.knife");
        assertThat(changes.path("labels").findValues("count").stream()
                        .mapToLong(JsonNode::asLong)
                        .sum())
                .isEqualTo(knives);
        assertThat(Files.readString(page))
                .contains("data:image/jpeg;base64,")
                .contains("thresholds: review 0.9 → review 0.8 block 0.9")
                .doesNotContain("not at hand");

        assertThat(run("policy", "rescore", "--policy", "default", "--all", "--json")
                        .out())
                .as("the first version supersedes none")
                .contains("\"emitted\":" + (live.size() - 1));
        Map<String, ModerationResult> last = live.stream()
                .collect(Collectors.toMap(ModerationResult::getId, result -> result, (one, other) -> other));
        assertThat(results(Origin.RESCORE)).hasSize(live.size() - 1).allSatisfy(again -> {
            ModerationResult first = Objects.requireNonNull(last.get(again.getId()), again.getId());
            assertThat(again.getLabels()).as("bit for bit").isEqualTo(first.getLabels());
            assertThat(again.getVerdict()).isEqualTo(first.getVerdict());
            assertThat(again.getSource()).isEqualTo(first.getSource());
            assertThat(again.getSupersedes()).isNull();
        });

        assertThat(run("policy", "publish", edit.toString(), "--untested").exit())
                .isZero();
        CommandLineRun changed = run("policy", "rescore", "--policy", "default", "--json");
        assertThat(changed.out()).contains("\"emitted\":" + knives);
        assertThat(run("policy", "rescore", "--policy", "default", "--json").out())
                .as("done already")
                .contains("\"read\":0", "\"emitted\":0");
        assertThat(run("policy", "rescore", "--policy", "default", "--again", "--json")
                        .out())
                .contains("\"emitted\":" + knives);
        assertThat(results(Origin.RESCORE).stream().filter(result -> result.getSupersedes() != null))
                .hasSize((int) (2 * knives))
                .allSatisfy(result -> {
                    assertThat(result.getSupersedes().getPolicy().getVersion())
                            .isEqualTo(live.get(0).getPolicy().getVersion());
                    assertThat(result.getSupersedes().getVerdict()).isNotEqualTo(result.getVerdict());
                });
    }

    @Test
    void calibratesFromFeedback() throws Exception {
        for (String name : List.of("knife-01.png", "cat-01.png", "spoon-01.png", "ball-01.png")) {
            String image = Checkout.root().resolve("prompts/examples/" + name).toString();
            run("submit", image, "--id", "judged-" + name, "--wait");
            run("feedback", "judged-" + name, "weapons.knife", name.startsWith("knife") ? "present" : "absent");
        }
        Path file = Files.writeString(folder.resolve("calibrated.yaml"), "# ours\n" + LIVE);
        Path page = folder.resolve("knife.html");

        CommandLineRun run = run(
                "policy",
                "calibrate",
                file.toString(),
                "--label",
                "weapons.knife",
                "--json",
                "--html",
                page.toString());

        assertThat(run.out()).contains("\"present\":1,\"absent\":3,\"missing\":0");
        assertThat(Files.readString(file)).startsWith("# ours\n").contains("calibration: {demo-v1: {a: ");
        assertThat(Files.readString(page)).contains("data:image/svg+xml;base64,");
        assertThat(run("policy", "calibrate", file.toString(), "--label", "weapons.gun")
                        .err())
                .contains(
                        "label weapons.gun cannot be calibrated: it needs images with the label and images without it");
        Path judged = Files.writeString(folder.resolve("judged.csv"), "gone.png,present\n");
        assertThat(run("policy", "calibrate", file.toString(), "--label", "weapons.gun", "--judged", judged.toString())
                        .err())
                .contains(judged + ":1: no such file: " + folder.resolve("gone.png"));
        assertThat(run("policy", "calibrate", file.toString(), "--label", "weapons.bow")
                        .err())
                .contains("policy default has no label weapons.bow; it has weapons.knife, weapons.gun");
    }

    private static List<ModerationResult> results(Origin origin) {
        List<ModerationResult> results = new ArrayList<>();
        try (OutcomeTail tail = OutcomeTail.fromStart(stack.cluster())) {
            while (!tail.readToTheEnd()) {
                for (Outcome outcome : tail.poll(Duration.ofMillis(100))) {
                    if (outcome instanceof Outcome.Judged judged
                            && judged.result().getOrigin() == origin) {
                        results.add(judged.result());
                    }
                }
            }
        }
        return results;
    }

    private static CommandLineRun run(String... args) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new));
    }
}

package dev.moderato.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.CommandProcess;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.events.ModelReleased;
import dev.moderato.pictograms.Renderer;
import dev.moderato.pictograms.Scenes;
import dev.moderato.pictograms.Thing;
import dev.moderato.trainer.publish.Channel;
import dev.moderato.trainer.publish.Releases;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code train --follow --promote} from flags to the active bundle, with nobody in between: real broker, registry, service and trainer
 * process, and an encoder so small that it learns to tell two things apart in seconds.
 */
@Tag("faults")
class FollowPromoteTest {
    private static final int FLAGS = 120;

    @TempDir
    Path folder;

    private Path policy;
    private LocalStack stack;
    private Releases releases;
    private int published;

    @BeforeEach
    void start() throws Exception {
        Path arch = Files.writeString(folder.resolve("arch.yaml"), """
                embedding: 32
                image: {kind: vit, size: 32, patch: 8, width: 48, layers: 1, heads: 2}
                text: {vocabulary: 300, context: 24, width: 48, layers: 1, heads: 2}
                """);
        assertThat(CommandLineRun.of(
                                "train",
                                "--from=scratch",
                                "--arch=" + arch,
                                "--steps=0",
                                "--id=blank",
                                "--out=" + folder.resolve("blank"))
                        .exit())
                .isZero();
        Files.writeString(
                folder.resolve("recipe.yaml"),
                "{epochs: 40, batchSize: 32, learningRate: 0.003, schedule: cosine, warmupSteps: 10, loss: multipositive, clip: 1}");
        Path prompts = Files.createDirectory(folder.resolve("prompts"));
        policy = Files.writeString(prompts.resolve("default.yaml"), """
                policy: default
                templates: ["a picture of {}"]
                neutral: ["a tree"]
                labels:
                  weapons.knife:
                    prompts: ["a knife"]
                    thresholds: {review: 0.5}
                    calibration: {blank: {a: 1.25, b: 0.5, n: 40}}
                """);
        StringBuilder retention = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            Files.write(folder.resolve(i + ".png"), picture(i % 2 == 0 ? Thing.KNIFE : Thing.TREE, 1000 + i));
            retention.append(i).append(i % 2 == 0 ? ".png,a knife\n" : ".png,a tree\n");
        }
        Files.writeString(folder.resolve("retention.csv"), retention);
        stack = LocalStack.start(new LocalStack.Plan(
                null, 0, 0, 0, prompts, LocalStack.bundle(folder.resolve("blank")), null, Map.of()));
        releases = new Releases(stack.cluster().client(), stack.cluster().topics(), new ServiceOptions().store(null));
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    private static byte[] picture(Thing thing, long number) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(
                Renderer.render(new Scenes(7, Scenes.Choice.SEEN, List.of(thing)).scene(number), 64, 64), "png", bytes);
        return bytes.toByteArray();
    }

    private CommandProcess follow(String... more) throws Exception {
        return CommandProcess.start(Stream.concat(
                        Stream.of(
                                "train",
                                "--follow",
                                "--promote",
                                "--flags=" + FLAGS,
                                "--bundle=" + folder.resolve("blank"),
                                "--recipe=" + folder.resolve("recipe.yaml"),
                                "--retention=" + folder.resolve("retention.csv"),
                                "--policy=" + policy,
                                "--data=" + folder.resolve("training"),
                                "--models=" + folder.resolve("models"),
                                "--threads=1",
                                "--bootstrap=" + stack.bootstrapServers(),
                                "--registry=" + stack.registryUrl()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    /** People say of every other picture that it is a knife, of the others that they are none. */
    private void flag() throws Exception {
        Path images = Files.createDirectory(folder.resolve("images-" + published));
        for (int i = 0; i < FLAGS; i++, published++) {
            Thing thing = i % 2 == 0 ? Thing.KNIFE : Thing.TREE;
            Files.write(images.resolve(thing + "-" + i + ".png"), picture(thing, published));
        }
        StringBuilder flags = new StringBuilder();
        for (String line : run("submit", images.toString(), "--wait", "--json").outLines()) {
            String id = new ObjectMapper().readTree(line).get("id").asText();
            flags.append(id).append(",weapons.knife,").append(id.startsWith("KNIFE") ? "present\n" : "absent\n");
        }
        run(
                "feedback",
                "--file",
                Files.writeString(folder.resolve("flags.csv"), flags).toString());
    }

    private CommandLineRun run(String... args) {
        CommandLineRun run = CommandLineRun.of(Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new));
        assertThat(run.exit()).as(run.err()).isZero();
        return run;
    }

    private static void end(CommandProcess service) throws Exception {
        service.terminate();
        service.await();
    }

    @Test
    void whatPassesItsGateBecomesActiveOnceItsCalibrationIsInForce() throws Exception {
        String source = Files.readString(policy);
        try (CommandProcess service = follow()) {
            flag();
            String why = service.awaitLine(line -> line.startsWith("failed: ") || line.startsWith("not passed: "));
            assertThat(why).as("%s", service.printed()).startsWith("failed: ");
            ModelReleased candidate = Objects.requireNonNull(releases.read().in(Channel.CANDIDATE));
            assertThat(why)
                    .startsWith(
                            "failed: " + candidate.getId() + " stays a candidate: policy default has labels that are"
                                    + " calibrated, but not for " + candidate.getId() + ": weapons.knife.");
            assertThat(releases.read().in(Channel.ACTIVE)).isNull();
            end(service);
        }
        assertThat(policy).hasContent(source);

        try (CommandProcess service = follow("--calibrate")) {
            flag();
            service.awaitLine(line ->
                    line.startsWith("active: ") || line.startsWith("failed: ") || line.startsWith("not passed: "));
            assertThat(service.printed())
                    .last()
                    .asString()
                    .as("%s", service.printed())
                    .startsWith("active: ");
            ModelReleased active = Objects.requireNonNull(releases.read().in(Channel.ACTIVE));
            assertThat(service.printed()).last().isEqualTo("active: " + active.getId());
            assertThat(service.printed()).contains("candidate: " + active.getId());
            assertThat(active.getParent()).isEqualTo("blank");
            assertThat(Files.readString(policy)).contains(active.getId() + ": {a: 1.25, b: 0.5, n: 40}");
            end(service);
        }
    }
}

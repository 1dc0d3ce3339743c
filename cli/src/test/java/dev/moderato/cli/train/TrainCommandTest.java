package dev.moderato.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path HOME = Launch.read().home();

    @TempDir
    Path folder;

    private Path pairs;
    private Path recipe;

    @BeforeEach
    void write() throws IOException {
        Path examples = HOME.resolve("prompts/examples");
        pairs = Files.writeString(
                folder.resolve("pairs.csv"),
                examples.resolve("knife-01.png") + ",a knife\n" + examples.resolve("cat-01.png") + ",a cat\n"
                        + examples.resolve("cup-01.jpg") + ",a cup\n");
        recipe = Files.writeString(
                folder.resolve("recipe.yaml"), "{steps: 2, batchSize: 3, shuffle: off, learningRate: 0.001}");
    }

    private CommandLineRun train(String... more) {
        List<String> args =
                new java.util.ArrayList<>(List.of("train", "--recipe", recipe.toString(), "--threads", "1"));
        args.addAll(List.of(more));
        return CommandLineRun.of(args.toArray(String[]::new));
    }

    @Test
    void printsOneJsonLineAStepAndNothingElse() throws IOException {
        Path out = folder.resolve("new");
        CommandLineRun run = train(
                "--pairs",
                pairs.toString(),
                "--bundle",
                HOME.resolve("models/demo").toString(),
                "--out",
                out.toString(),
                "--json");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.outLines()).hasSize(2);
        for (int step = 0; step < 2; step++) {
            assertThat(run.outLines().get(step))
                    .matches("\\{\"step\":" + step + ",\"loss\":[0-9.E-]+,\"lr\":0.001,\"gradNorm\":[0-9.E-]+}");
            JsonNode line = JSON.readTree(run.outLines().get(step));
            assertThat(line.get("loss").asDouble()).isNotNegative();
        }
        assertThat(run.err()).contains("Wrote " + out);
        assertThat(out.resolve("bundle.json")).exists();
    }

    @Test
    void writesARandomBundleOfAnArchitecture() {
        Path out = folder.resolve("random");
        CommandLineRun run = train(
                "--from",
                "scratch",
                "--arch",
                HOME.resolve("models/recipes/demo.arch.yaml").toString(),
                "--steps",
                "0",
                "--id",
                "blank",
                "--out",
                out.toString());
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("Wrote " + out + " (blank).");
    }

    @Test
    void saysWhichOptionsGoTogether() {
        assertThat(train("--out", "x").err())
                .contains("give --pairs FILE and --bundle DIR, or --from scratch and --arch FILE");
        assertThat(train("--pairs", "a.csv", "--bundle", "b").err()).contains("give --out DIR");
        assertThat(train("--from", "scratch", "--out", "x").err()).contains("--from scratch takes --arch FILE");
        assertThat(train("--follow", "--out", "x").err()).contains("--follow takes its pairs from the feedback topic");
        assertThat(train("--out", "x").exit()).isEqualTo(2);
    }

    @Test
    void saysWhereARecipeIsWrong() throws IOException {
        Files.writeString(recipe, "step: 2\n");
        CommandLineRun run = train("--pairs", pairs.toString(), "--bundle", "b", "--out", "x");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains(recipe + ":1:1: 'step' is not a key of a recipe; did you mean 'steps'?");
    }
}

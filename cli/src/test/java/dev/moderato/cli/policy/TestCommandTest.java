package dev.moderato.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommandTest {
    @TempDir
    Path folder;

    @Test
    void theShippedPoliciesPass() {
        CommandLineRun run = LintCommandTest.run("test", Checkout.root().resolve("prompts"));

        assertThat(run.out()).contains("tests passed (policy default@");
        assertThat(run.outLines()).hasSize(1);
        assertThat(run.exit()).isZero();
    }

    @Test
    void tellsWhatFailedAndByHowMuch() throws IOException {
        Path file = policy("knife: block", "allow");

        CommandLineRun run = LintCommandTest.run("test", file);

        assertThat(run.outLines()).hasSize(3);
        assertThat(run.outLines().get(0)).startsWith("image").contains("expected", "got", "threshold", "off by", "why");
        assertThat(run.outLines().get(1))
                .startsWith("cat.png")
                .contains("knife", "block", "allow", "0.900", "\"a knife\" over \"a tree\"");
        assertThat(run.outLines().get(2)).startsWith(file + ": 1 of 2 tests passed");
        assertThat(run.exit()).isEqualTo(1);

        assertThat(LintCommandTest.run("test", file, "--json").outLines().get(0))
                .contains("\"image\":\"cat.png\"", "\"passed\":false", "\"expected\":\"block\"", "\"by\":0.");
    }

    @Test
    void anImageThatIsNoneFailsItsTestAlone() throws IOException {
        Path file = policy("knife: allow", "allow");
        Files.writeString(folder.resolve("cat.png"), "no image");

        CommandLineRun run = LintCommandTest.run("test", file);

        assertThat(run.out()).contains("NOT_AN_IMAGE").contains("0 of 2 tests passed");
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void aBrokenFileFailsWithItsErrors() throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), "policy: p\nlabels: {}\n");

        CommandLineRun run = LintCommandTest.run("test", file);

        assertThat(run.out()).contains(file + ":").contains(": error: ");
        assertThat(run.exit()).isEqualTo(1);
    }

    private Path policy(String labelExpectation, String expectation) throws IOException {
        Files.copy(Checkout.root().resolve("prompts/examples/cat-01.png"), folder.resolve("cat.png"));
        return Files.writeString(folder.resolve("p.yaml"), """
                policy: p
                neutral: ["a tree"]
                labels:
                  knife: {prompts: ["a knife"], thresholds: {block: 0.9}}
                tests:
                  - {image: cat.png, expect: {%s}}
                  - {image: cat.png, expect: %s}
                """.formatted(labelExpectation, expectation));
    }
}

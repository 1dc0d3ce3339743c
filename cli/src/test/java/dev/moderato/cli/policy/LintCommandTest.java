package dev.moderato.cli.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintCommandTest {
    private static final String CLEAN = """
            policy: p
            neutral: ["a tree"]
            labels:
              knife:
                prompts: ["a knife"]
                thresholds: {review: 0.5}
              fire:
                prompts: ["a flame"]
                thresholds: {review: 0.5}
            tests:
              - {image: tree.png, expect: {knife: allow, fire: allow}}
            """;

    @TempDir
    Path folder;

    private CommandLineRun lint(String text, String... options) throws IOException {
        Files.write(folder.resolve("tree.png"), new byte[1]);
        Path file = Files.writeString(folder.resolve("p.yaml"), text);
        return run("lint", file, options);
    }

    static CommandLineRun run(String command, Path path, String... options) {
        List<String> args = new ArrayList<>(List.of("policy", command, path.toString(), "--model"));
        args.add(Checkout.demoModel().toString());
        args.addAll(List.of(options));
        return CommandLineRun.of(args.toArray(String[]::new));
    }

    @Test
    void theShippedPoliciesAreClean() {
        CommandLineRun run = run("lint", Checkout.root().resolve("prompts"), "--strict");

        assertThat(run.out()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.err()).contains(": 0 errors, 0 warnings");
    }

    @Test
    void printsPlaceSeverityAndMessage() throws IOException {
        CommandLineRun run = lint(CLEAN.replace("neutral:", "neutrall:"));

        assertThat(run.outLines())
                .contains(folder.resolve("p.yaml")
                        + ":2:1: error: unknown key 'neutrall' in the policy: did you mean 'neutral'?");
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void warningsFailOnlyWhereStrict() throws IOException {
        String negated = CLEAN.replace("a flame", "a fire without smoke");

        CommandLineRun run = lint(negated);
        assertThat(run.out()).startsWith(folder.resolve("p.yaml") + ":8:15: warning: \"a fire without smoke\"");
        assertThat(run.exit()).isZero();
        assertThat(lint(negated, "--strict").exit()).isEqualTo(1);
    }

    @Test
    void countsTheTokensOfTheModel() throws IOException {
        String prompt = "a knife " + "and another knife ".repeat(20).strip();

        CommandLineRun run = lint(CLEAN.replace("a knife", prompt));

        assertThat(run.out())
                .contains(":5:15: error: the prompt takes ")
                .contains(" the text encoder reads 32: shorten");
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void findsPromptsThatTheEncoderTakesForTheSame() throws IOException {
        CommandLineRun run = lint(CLEAN.replace("a flame", "a dagger"));

        assertThat(run.out())
                .contains(":8:15: warning: \"a dagger\" means nearly the same to the encoder as \"a knife\"");
    }

    @Test
    void printsJsonLines() throws IOException {
        assertThat(lint(CLEAN.replace("0.5}", "5}"), "--json").outLines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("{\"file\":\"" + folder.resolve("p.yaml") + "\",\"line\":")
                        .contains("\"severity\":\"error\"", "\"message\":\""));
    }

    @Test
    void saysWhatIsNoPolicyFile() throws IOException {
        CommandLineRun missing = run("lint", folder.resolve("none.yaml"));
        assertThat(missing.err()).contains("moderato policy lint: no such file or folder: ");
        assertThat(missing.exit()).isEqualTo(2);
        assertThat(run("lint", folder).err()).contains("no policies in " + folder);
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
        CommandLineRun unreadable = run("lint", binary);
        assertThat(unreadable.err()).contains("cannot read " + binary);
        assertThat(unreadable.exit()).isEqualTo(1);
    }
}

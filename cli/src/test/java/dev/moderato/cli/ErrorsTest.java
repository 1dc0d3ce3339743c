package dev.moderato.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each failure is one line that says what, where and what to do, with its exit code and no stack trace. */
class ErrorsTest {
    @TempDir
    Path folder;

    @Test
    void saysWhichFileIsMissing() {
        assertOneLine(
                CommandLineRun.of("submit", "nowhere.jpg"), 2, "moderato submit: no such file or folder: nowhere.jpg");
    }

    @Test
    void saysThatAFolderHoldsNoImages() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "no image");
        assertOneLine(
                CommandLineRun.of("submit", folder.toString()),
                2,
                "moderato submit: no images in " + folder + ": there is no file ending in apng, bmp,");
    }

    @Test
    void saysWhatALineOfFeedbackIs() throws IOException {
        Path file = Files.writeString(folder.resolve("flags.csv"), "a,weapons.knife,present\n\nb,weapons.knife,yes\n");
        assertOneLine(
                CommandLineRun.of("feedback", "--file", file.toString()),
                2,
                "moderato feedback: " + file
                        + ":3: write `id,label,present` or `id,label,absent`, not 'b,weapons.knife,yes'");
        assertOneLine(
                CommandLineRun.of("feedback", "a", "weapons.knife"),
                2,
                "moderato feedback: give ID, LABEL and present or absent, or --file CSV");
    }

    @Test
    void saysWhatCanBeDrawn() {
        assertOneLine(
                CommandLineRun.of("draw", "sofa", "--out", folder.toString()),
                2,
                "moderato draw: sofa cannot be drawn; there are knife, pistol, sword, ");
    }

    @Test
    void saysThatNoBrokerAnswers() throws IOException {
        Path image = Files.write(folder.resolve("a.png"), new byte[10]);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertOneLine(
                CommandLineRun.of("submit", image.toString(), "--bootstrap", "127.0.0.1:" + port),
                1,
                "moderato submit: no Kafka broker answers at 127.0.0.1:" + port + ". Start one with `moderato up`");
    }

    @Test
    void saysThatABrokersNameIsUnknown() throws IOException {
        Path image = Files.write(folder.resolve("a.png"), new byte[10]);
        assertOneLine(
                CommandLineRun.of("submit", image.toString(), "--bootstrap", "no-such-host.invalid:9092"),
                1,
                "moderato submit: cannot use the broker address no-such-host.invalid:9092");
    }

    @Test
    void saysWhichPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = CommandLineRun.of(
                    "up",
                    "--data",
                    folder.toString(),
                    "--broker-port",
                    "0",
                    "--registry-port",
                    Integer.toString(taken.getLocalPort()));
            assertOneLine(run, 1, "moderato up: ");
            assertThat(run.err()).contains(Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void saysWhatAPortIs() {
        assertThat(CommandLineRun.of("up", "--registry-port", "80000").err())
                .contains("'80000' is no port: a number from 0 (any free one) to 65535");
    }

    @Test
    void saysThatThePromptsAreNotThere() {
        Path none = folder.resolve("none");
        assertOneLine(
                CommandLineRun.of("up", "--prompts", none.toString()),
                1,
                "moderato up: cannot read the policies in " + none + ": no such file or folder");
    }

    @Test
    void saysThatAFolderIsNoBundle() {
        assertOneLine(
                CommandLineRun.of("demo", "--model", folder.toString()),
                1,
                "moderato demo: " + folder + " is no model bundle: it has no bundle.json");
    }

    @Test
    void saysWhichFileOfABundleIsCorrupt() throws IOException {
        Path shipped = Launch.read().shippedModel();
        try (Stream<Path> files = Files.list(shipped)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Path image = folder.resolve("image.onnx");
        byte[] bytes = Files.readAllBytes(image);
        bytes[bytes.length / 2] ^= 1;
        Files.write(image, bytes);

        CommandLineRun run = CommandLineRun.of("demo", "--model", folder.toString());

        assertOneLine(run, 1, "moderato demo: " + image + " has sha256 ");
        assertThat(run.err()).contains("the file was changed or is incomplete, copy the bundle again");
    }

    @Test
    void saysWhereAPromptFileHasATypo() throws IOException {
        Path policy = Files.writeString(folder.resolve("default.yaml"), """
                policy: default
                neutral: [a tree]
                labels:
                  weapons.knife:
                    promts: [a knife]
                """);
        assertOneLine(
                CommandLineRun.of("up", "--prompts", folder.toString()),
                1,
                "moderato up: " + policy + ":5:5: error: unknown key 'promts'");
    }

    @Test
    void saysThatAFolderHoldsNoPolicies() {
        assertOneLine(
                CommandLineRun.of("demo", "--prompts", folder.toString()),
                1,
                "moderato demo: no policies in " + folder + ": there is no .yaml file");
    }

    @Test
    void saysWhatAnUnreadableConfigurationIs() {
        Path none = folder.resolve("none.properties");
        assertOneLine(
                CommandLineRun.of("results", "--config", none.toString()),
                2,
                "moderato results: cannot read --config " + none + ": no such file or folder");
    }

    @Test
    void saysWhichSecretIsMissing() throws IOException {
        Path config = Files.writeString(folder.resolve("c.properties"), "sasl.jaas.config=x ${secret:/no/such/file}");
        assertOneLine(
                CommandLineRun.of("results", "--config", config.toString()),
                2,
                "moderato results: --config " + config
                        + ": sasl.jaas.config: the secret in /no/such/file cannot be read (");
    }

    @Test
    void explainsWrongUsage() {
        CommandLineRun run = CommandLineRun.of("submit");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("moderato submit: Missing required parameter: 'PATH|URL'")
                .contains("Try: moderato submit --help");
        assertThat(CommandLineRun.of("sumbit").err()).contains("submit");
        assertThat(CommandLineRun.of("--help").exit()).isZero();
        assertThat(CommandLineRun.of("submit", "--help").out()).contains("Usage: moderato submit");
    }

    private static void assertOneLine(CommandLineRun run, int exit, String start) {
        assertThat(run.err().lines().toList())
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith(start));
        assertThat(run.exit()).isEqualTo(exit);
    }
}

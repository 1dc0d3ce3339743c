package dev.moderato.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.CommandProcess;
import dev.moderato.cli.Launch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moderato up} as a process of its own: stopped, and started again on the same data. */
class RestartTest {
    @TempDir
    Path folder;

    @Test
    void stopsInGoodOrderAndKeepsWhatItHeld() throws Exception {
        Path image = Launch.read().home().resolve("prompts/examples/cat-01.png");
        try (Up first = Up.start(folder)) {
            CommandLineRun submitted = first.run("submit", image.toString(), "--id", "kept", "--wait");
            assertThat(submitted.exit()).as(submitted.err()).isZero();
            first.process().terminate();
            assertThat(first.process().await())
                    .as("that of a process which SIGTERM ended")
                    .isEqualTo(143);
        }
        try (Up second = Up.start(folder)) {
            assertThat(second.run("results", "--json").outLines())
                    .anySatisfy(line -> assertThat(line).contains("\"id\":\"kept\""));
            assertThat(second.run("submit", image.toString(), "--wait").exit()).isZero();
        }
    }

    private record Up(CommandProcess process, Map<String, String> addresses) implements AutoCloseable {
        private static final Pattern ADDRESS = Pattern.compile(" +(\\S.*?) {2,}(\\S+).*");

        static Up start(Path data) throws IOException {
            CommandProcess process = CommandProcess.start(
                    "up",
                    "--data=" + data,
                    "--broker-port=0",
                    "--registry-port=0",
                    "--ops-port=0",
                    "--set=start.timeout=5 min");
            process.awaitLine(line -> line.strip().startsWith("Try "));
            Map<String, String> addresses = new HashMap<>();
            for (String line : process.printed()) {
                Matcher address = ADDRESS.matcher(line);
                if (address.matches()) {
                    addresses.put(address.group(1), address.group(2));
                }
            }
            return new Up(process, addresses);
        }

        CommandLineRun run(String... args) {
            return CommandLineRun.of(Stream.concat(
                            Stream.of(args),
                            Stream.of(
                                    "--bootstrap",
                                    addresses.getOrDefault("Kafka", ""),
                                    "--registry",
                                    addresses.getOrDefault("Schema Registry", "")))
                    .toArray(String[]::new));
        }

        @Override
        public void close() throws IOException {
            process.close();
        }
    }
}

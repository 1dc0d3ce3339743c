package dev.moderato.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code moderato up} as a process of its own: stopped, and started again on the same data. Stopped by SIGTERM, which ends in
 * the same hook as Ctrl-C: a build that runs in the background hands on that SIGINT is ignored.
 */
class RestartTest {
    @TempDir
    Path folder;

    @Test
    void stopsInGoodOrderAndKeepsWhatItHeld() throws Exception {
        Path image = Launch.read().home().resolve("prompts/examples/cat-01.png");
        try (Up first = Up.start(folder)) {
            CommandLineRun submitted = first.run("submit", image.toString(), "--id", "kept", "--wait");
            assertThat(submitted.exit()).as(submitted.err()).isZero();
            assertThat(first.terminate()).as("ends by itself").isTrue();
            assertThat(first.exit()).as("that of a process which SIGTERM ended").isEqualTo(143);
        }
        try (Up second = Up.start(folder)) {
            assertThat(second.run("results", "--json").outLines())
                    .anySatisfy(line -> assertThat(line).contains("\"id\":\"kept\""));
            assertThat(second.run("submit", image.toString(), "--wait").exit()).isZero();
        }
    }

    private record Up(Process process, BufferedReader out, Map<String, String> addresses) implements AutoCloseable {
        private static final Pattern ADDRESS = Pattern.compile(" +(\\S.*?) {2,}(\\S+).*");

        static Up start(Path data) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules",
                    "jdk.incubator.vector",
                    "-Dmoderato.home=" + Launch.read().home(),
                    "dev.moderato.cli.Moderato",
                    "up",
                    "--data=" + data,
                    "--broker-port=0",
                    "--registry-port=0",
                    "--ops-port=0"));
            // not on the command line, which ONNX Runtime reads and which has to be short
            builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            BufferedReader out = process.inputReader();
            Map<String, String> addresses = new HashMap<>();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher address = ADDRESS.matcher(line);
                if (address.matches()) {
                    addresses.put(address.group(1), address.group(2));
                }
                if (line.strip().startsWith("Try ")) {
                    return new Up(process, out, addresses);
                }
            }
            throw new AssertionError("`up` ended before it was up, after printing " + addresses);
        }

        CommandLineRun run(String... args) {
            String[] all = new String[args.length + 4];
            System.arraycopy(args, 0, all, 0, args.length);
            all[args.length] = "--bootstrap";
            all[args.length + 1] = addresses.getOrDefault("Kafka", "");
            all[args.length + 2] = "--registry";
            all[args.length + 3] = addresses.getOrDefault("Schema Registry", "");
            return CommandLineRun.of(all);
        }

        /** @return whether it ended */
        boolean terminate() throws InterruptedException {
            process.destroy();
            return process.waitFor(30, TimeUnit.SECONDS);
        }

        int exit() {
            return process.exitValue();
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            process.onExit().join();
            out.close();
        }
    }
}

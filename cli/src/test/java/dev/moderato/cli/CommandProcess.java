package dev.moderato.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A command line as a process of its own, which can be stopped and killed. Its standard error is this process's. */
public final class CommandProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final List<String> printed = new ArrayList<>();

    private CommandProcess(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    public static CommandProcess start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Dmoderato.home=" + Launch.read().home(),
                "dev.moderato.cli.Moderato"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        // not on the command line, which ONNX Runtime reads and which has to be short
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("OMP_WAIT_POLICY", "passive"); // as the launcher does
        return new CommandProcess(
                builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Reads lines until one is like this, and returns it. */
    public String awaitLine(Predicate<String> wanted) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            printed.add(line);
            if (wanted.test(line)) {
                return line;
            }
        }
        throw new AssertionError("the command ended, after printing " + printed);
    }

    /** What it printed, as far as it was read. */
    public List<String> printed() {
        return printed;
    }

    /** Asks it to end, by SIGTERM: a build that runs in the background hands on that SIGINT is ignored. */
    public void terminate() {
        process.toHandle().destroy(); // which leaves what it still prints to be read
    }

    /** Waits until it has ended, and returns its exit code. */
    public int await() throws IOException, InterruptedException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            printed.add(line);
        }
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the command does not end; it printed " + printed);
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().join();
        out.close();
    }
}

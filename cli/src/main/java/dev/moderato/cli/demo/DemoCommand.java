package dev.moderato.cli.demo;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.cli.stack.StackOptions;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.pictograms.DemoImage;
import dev.moderato.pictograms.DemoImages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job from end to end on images that the project draws itself. */
@Command(
        name = "demo",
        description = {
            "Moderate the example images on an embedded broker, and write report.html.",
            "",
            "Draws a folder of example images, starts a broker, a Schema Registry and the moderation service in this",
            "process, publishes the images, waits for every outcome, writes the report and stops."
        })
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--report",
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "Where the report goes (default: ${DEFAULT-VALUE}).")
    Path report = Path.of("report.html");

    @Option(names = "--images", paramLabel = "DIR", description = "Keep the example images in this folder.")
    @Nullable
    Path images;

    @Mixin
    StackOptions judging = new StackOptions();

    @Option(names = "--json", description = "End with one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Launch launch = Launch.read();
        PrintWriter out = spec.commandLine().getOut();
        ModelBundle bundle = judging.model(launch);
        Path folder = images == null ? temporary() : images;
        try {
            CompletableFuture<List<DemoImage>> drawing = CompletableFuture.supplyAsync(() -> draw(folder));
            say(out, "Starting broker, registry and moderation service …");
            try (LocalStack stack = LocalStack.start(
                    new LocalStack.Plan(null, 0, 0, 0, judging.prompts(launch), bundle, null, Map.of()))) {
                List<DemoImage> examples = drawn(drawing);
                DemoRun run;
                try (Progress progress = Progress.start("Moderating", examples.size(), launch.terminal())) {
                    run = DemoRun.moderate(stack.cluster(), examples, launch.called(), progress);
                }
                DemoFigures figures = run.figures(bundle.id(), bundle.trained());
                write(new DemoReport(figures, run.cards()).html());
                print(out, figures, run.cards());
                return 0;
            }
        } finally {
            if (images == null) {
                delete(folder);
            }
        }
    }

    private void say(PrintWriter out, String line) {
        (json ? spec.commandLine().getErr() : out).println(line);
        (json ? spec.commandLine().getErr() : out).flush();
    }

    private void print(PrintWriter out, DemoFigures figures, List<DemoCard> cards) {
        Map<String, Long> counts =
                cards.stream().collect(Collectors.groupingBy(DemoReport::kind, TreeMap::new, Collectors.counting()));
        say(
                out,
                String.format(
                        Locale.ROOT,
                        "%d images: %s%n%d of %d known verdicts right; %.0f images/s; latency p50 %.0f ms, p99 %.0f ms; first verdict after %.1f s",
                        figures.images(),
                        counts.entrySet().stream()
                                .map(count -> count.getValue() + " " + count.getKey())
                                .collect(Collectors.joining(", ")),
                        figures.right(),
                        figures.expectedRight(),
                        figures.imagesPerSecond(),
                        figures.p50Ms(),
                        figures.p99Ms(),
                        figures.firstVerdictMs() / 1000.0));
        if (!figures.trained()) {
            say(out, DemoFigures.UNTRAINED);
        }
        say(out, "Report: " + report.toAbsolutePath());
        if (json) {
            out.println(figures.json());
            out.flush();
        }
    }

    private void write(String html) {
        try {
            Files.writeString(report, html);
        } catch (IOException e) {
            throw CommandFailed.because("cannot write the report to " + report + ": " + IoReason.of(e), e);
        }
    }

    private static List<DemoImage> draw(Path folder) {
        try {
            return DemoImages.write(folder);
        } catch (IOException e) {
            throw CommandFailed.because("cannot write the example images to " + folder + ": " + IoReason.of(e), e);
        }
    }

    private static List<DemoImage> drawn(CompletableFuture<List<DemoImage>> drawing) {
        try {
            return drawing.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CommandFailed failed) {
                throw failed;
            }
            throw e;
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("moderato-demo");
        } catch (IOException e) {
            throw CommandFailed.because("cannot make a temporary folder: " + IoReason.of(e), e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // it is in the system's temporary folder, which is cleared in time
        }
    }
}

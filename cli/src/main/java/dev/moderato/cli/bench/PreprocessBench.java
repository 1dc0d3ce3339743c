package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.cli.cluster.OutcomeText;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.PreparedImage;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Decoding and preprocessing alone, on one thread, in thread CPU time, which a busy machine changes little. */
@Command(
        name = "preprocess",
        description = "Time decoding and preprocessing of image files on one thread.",
        footer = {"", "Files are grouped by format and size; times are thread-CPU milliseconds an image."})
public final class PreprocessBench implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Image files or folders of them.")
    List<String> images = List.of();

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "224",
            description = "Side of the encoder's input (default: ${DEFAULT-VALUE}).")
    int size = 224;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description = "Measured passes over the files (default: ${DEFAULT-VALUE}).")
    int rounds = 10;

    @Option(names = "--fast", description = "With DCT-scaled JPEG decoding (decode: fast).")
    boolean fast;

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        ImagePreprocessor preprocessor = ImagePreprocessor.create(
                Preprocessing.clip(size), ImageLimits.defaults(), new DecodeOptions(true, 1, fast));
        Map<String, Histogram> groups = new TreeMap<>();
        List<Path> files = ImagePaths.expand(images).stream().map(Path::of).toList();
        for (Path file : files) {
            byte[] bytes = bytes(file);
            Histogram micros = null;
            for (int round = -Math.max(2, rounds / 2); round < rounds; round++) { // the first ones warm the JVM
                long start = clock.getCurrentThreadCpuTime();
                PreparedImage prepared = prepare(preprocessor, file, bytes);
                long took = clock.getCurrentThreadCpuTime() - start;
                if (micros == null) {
                    String group = prepared.info().format() + " "
                            + prepared.info().width() + "x" + prepared.info().height();
                    micros = groups.computeIfAbsent(group, name -> new Histogram(3));
                }
                if (round >= 0) {
                    micros.recordValue(took / 1000);
                }
            }
        }
        print(groups);
        return 0;
    }

    private void print(Map<String, Histogram> groups) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode line = OutcomeText.object().put("size", size).put("fast", fast);
            ObjectNode times = line.putObject("preprocessMs");
            groups.forEach((group, micros) -> times.putObject(group)
                    .put("p50", ms(micros, 50))
                    .put("p95", ms(micros, 95))
                    .put("p99", ms(micros, 99)));
            out.println(OutcomeText.write(line));
        } else {
            out.printf(Locale.ROOT, "%-20s %10s %10s %10s %12s%n", "", "p50 ms", "p95 ms", "p99 ms", "images/s");
            groups.forEach((group, micros) -> out.printf(
                    Locale.ROOT,
                    "%-20s %10.3f %10.3f %10.3f %12.0f%n",
                    group,
                    ms(micros, 50),
                    ms(micros, 95),
                    ms(micros, 99),
                    1000 / ms(micros, 50)));
        }
        out.flush();
    }

    private static double ms(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }

    private static PreparedImage prepare(ImagePreprocessor preprocessor, Path file, byte[] bytes) {
        try {
            return preprocessor.preprocess(bytes);
        } catch (ImageRejected e) {
            throw CommandFailed.because(file + ": " + e.reason() + ": " + e.detail(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
    }
}

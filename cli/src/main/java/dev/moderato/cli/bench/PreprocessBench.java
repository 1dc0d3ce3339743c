package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.cli.cluster.OutcomeText;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageInfo;
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
import java.util.LinkedHashMap;
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
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final long WARM_UP_NANOS = 4_000_000_000L;

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

    @Option(
            names = "--tensor",
            description = "Make the float tensor, too, as a Python pipeline does; the encoder itself takes bytes.")
    boolean tensor;

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        Preprocessing preprocessing = Preprocessing.clip(size);
        ImagePreprocessor preprocessor =
                ImagePreprocessor.create(preprocessing, ImageLimits.defaults(), new DecodeOptions(true, 1, fast));
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String file : ImagePaths.expand(images)) {
            files.put(file, bytes(Path.of(file)));
        }
        Map<String, Histogram> groups = new TreeMap<>();
        long warm = CLOCK.getCurrentThreadCpuTime() + WARM_UP_NANOS;
        do { // until the JVM has compiled what is measured
            files.forEach((file, bytes) -> time(preprocessor, preprocessing, file, bytes, new TreeMap<>()));
        } while (CLOCK.getCurrentThreadCpuTime() < warm);
        for (int round = 0; round < rounds; round++) {
            files.forEach((file, bytes) -> time(preprocessor, preprocessing, file, bytes, groups));
        }
        print(groups);
        return 0;
    }

    private void time(
            ImagePreprocessor preprocessor,
            Preprocessing preprocessing,
            String file,
            byte[] bytes,
            Map<String, Histogram> groups) {
        try {
            long start = CLOCK.getCurrentThreadCpuTime();
            PreparedImage prepared = preprocessor.preprocess(bytes);
            if (tensor) {
                preprocessing.tensor(prepared.frames().get(0));
            }
            long took = CLOCK.getCurrentThreadCpuTime() - start;
            ImageInfo info = prepared.info();
            groups.computeIfAbsent(info.format() + " " + info.width() + "x" + info.height(), group -> new Histogram(3))
                    .recordValue(took / 1000);
        } catch (ImageRejected e) {
            throw CommandFailed.because(file + ": " + e.reason() + ": " + e.detail(), e);
        }
    }

    private void print(Map<String, Histogram> groups) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode line =
                    OutcomeText.object().put("size", size).put("fast", fast).put("tensor", tensor);
            ObjectNode times = line.putObject("preprocessMs");
            groups.forEach((group, micros) -> times.putObject(group)
                    .put("p50", ms(micros, 50))
                    .put("p95", ms(micros, 95))
                    .put("p99", ms(micros, 99))
                    .put("images", micros.getTotalCount()));
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

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
    }
}

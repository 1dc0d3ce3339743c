package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.Launch;
import dev.moderato.cli.model.EncoderOptions;
import dev.moderato.inference.clip.BareSession;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The image encoder alone, against its graph in a bare session of ONNX Runtime. */
@Command(
        name = "encode",
        description = "Measure the image encoder alone, and against its graph in a bare session in the same run.",
        footer = {
            "",
            "The encoder takes 8-bit pixels and gives unit embeddings; the bare session is the graph as it was exported,",
            "run on a float tensor that was prepared before. They take turns, so that other work on the machine meets both;",
            "on the CPU with one thread the time is that thread's own, which other work hardly changes.",
            "",
            "  moderato bench encode --encoder random:vit-b-32 --device cpu --json"
        })
public final class EncodeBench implements Callable<Integer> {
    private static final int FEWEST_ROUNDS = 5;

    @Option(
            names = "--encoder",
            paramLabel = "ENCODER",
            defaultValue = "model",
            description = {
                "random:vit-b-32  CLIP ViT-B/32 in its real size with random weights",
                "model  the bundle of --model (default: ${DEFAULT-VALUE})"
            })
    String encoder = "model";

    @Option(
            names = "--model",
            paramLabel = "BUNDLE_DIR",
            description = "Bundle for --encoder model (default: the shipped demonstration encoder).")
    @Nullable
    Path model;

    @Mixin
    EncoderOptions options = new EncoderOptions();

    @Option(
            names = "--batch",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8,32",
            description = "Images of a run; several with commas between them (default: ${DEFAULT-VALUE}).")
    List<Integer> batches = List.of(1, 8, 32);

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long each batch size is measured (default: ${DEFAULT-VALUE}).")
    int seconds = 10;

    @Option(names = "--json", description = "Print one JSON line a batch size.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        if (seconds < 1 || batches.stream().anyMatch(batch -> batch < 1 || batch > 1024)) {
            throw CommandFailed.wrongUsage("--seconds is at least 1, and each --batch 1 to 1024");
        }
        BenchEncoder chosen =
                BenchEncoder.parse(encoder, model == null ? Launch.read().shippedModel() : model);
        if (chosen instanceof BenchEncoder.Fixed) {
            throw CommandFailed.wrongUsage("--encoder " + encoder + " encodes nothing: it is for bench stream");
        }
        try (BenchBundle bundle = BenchBundle.open(chosen)) {
            for (int batch : batches) {
                measure(bundle.bundle(), batch);
            }
            return 0;
        } catch (BundleException | EncoderException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private void measure(ModelBundle bundle, int batch) throws BundleException {
        EncoderSettings settings = options.settings().withMaxBatch(batch);
        List<byte[]> crops = crops(bundle, batch);
        try (ClipModel opened =
                        EncoderOptions.open(bundle, settings, spec.commandLine().getErr());
                BareSession bare = BareSession.open(bundle, settings.withDevice(opened.device()), crops)) {
            List<Double> ours = new ArrayList<>();
            List<Double> others = new ArrayList<>();
            Runnable encode = () -> opened.images().encode(crops);
            Clock clock = Clock.of(opened.device(), settings.intraOpThreads());
            for (int warm = 0; warm < 2; warm++) {
                encode.run();
                bare.run();
            }
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            while (ours.size() < FEWEST_ROUNDS || System.nanoTime() < end) {
                boolean first = ours.size() % 2 == 0; // whoever comes second may find the caches warmer, or colder
                double before = first ? clock.milliseconds(encode) : clock.milliseconds(bare::run);
                double after = first ? clock.milliseconds(bare::run) : clock.milliseconds(encode);
                ours.add(first ? before : after);
                others.add(first ? after : before);
            }
            print(opened, batch, clock, new Figures(ours), new Figures(others));
        }
    }

    /** What a run's time is taken with. */
    private enum Clock {
        WALL,
        /** The calling thread's time on a core, where it does all of the work. */
        THREAD_CPU;

        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        static Clock of(Device device, int threads) {
            return device.kind() == Device.Kind.CPU && threads == 1 ? THREAD_CPU : WALL;
        }

        double milliseconds(Runnable run) {
            long start = now();
            run.run();
            return (now() - start) / 1e6;
        }

        private long now() {
            return this == WALL ? System.nanoTime() : THREADS.getCurrentThreadCpuTime();
        }
    }

    /** Noise, for which an encoder takes as long as for anything else. */
    private static List<byte[]> crops(ModelBundle bundle, int batch) {
        Random random = new Random(batch);
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            byte[] crop = new byte[bundle.preprocessing().cropBytes()];
            random.nextBytes(crop);
            crops.add(crop);
        }
        return crops;
    }

    private void print(ClipModel opened, int batch, Clock clock, Figures ours, Figures bare) {
        PrintWriter out = spec.commandLine().getOut();
        double rate = batch * 1000 / ours.at(0.5);
        double ceiling = batch * 1000 / bare.at(0.5);
        String precision = opened.precision().name().toLowerCase(Locale.ROOT);
        if (json) {
            ObjectNode line = JsonLine.object()
                    .put("model", opened.bundle().id())
                    .put("device", opened.device().toString())
                    .put("deviceReason", opened.deviceReason())
                    .put("provider", opened.provider())
                    .put("precision", precision)
                    .put("threads", options.settings().intraOpThreads())
                    .put("clock", clock.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .put("batch", batch)
                    .put("rounds", ours.count())
                    .put("imagesPerSecond", rate)
                    .put("bareImagesPerSecond", ceiling)
                    .put("ratio", rate / ceiling);
            line.putObject("batchMs")
                    .put("p50", ours.at(0.5))
                    .put("p95", ours.at(0.95))
                    .put("p99", ours.at(0.99));
            out.println(JsonLine.write(line));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s on %s (%s, %s), batch %d: %.2f images/s, %.3f of a bare session's %.2f;"
                            + " p50 %.1f ms, p95 %.1f ms, p99 %.1f ms a batch%n",
                    opened.bundle().id(),
                    opened.device(),
                    opened.provider(),
                    precision,
                    batch,
                    rate,
                    rate / ceiling,
                    ceiling,
                    ours.at(0.5),
                    ours.at(0.95),
                    ours.at(0.99));
        }
        out.flush();
    }

    /** Times in order. */
    private static final class Figures {
        private final double[] sorted;

        Figures(List<Double> milliseconds) {
            sorted = milliseconds.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
        }

        int count() {
            return sorted.length;
        }

        /** The smallest time that this share of the runs did not exceed. */
        double at(double share) {
            return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
        }
    }
}

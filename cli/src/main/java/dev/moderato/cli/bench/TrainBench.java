package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.runs.StepTiming;
import dev.moderato.trainer.train.NativeThreads;
import dev.moderato.trainer.train.TorchDevice;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A training step: how long it takes, and how much memory. */
@Command(
        name = "train",
        description = "Measure a training step on noise: forward, backward and the optimizer's update.",
        footer = {
            "",
            "  moderato bench train --batch 32",
            "  moderato bench train --encoder random:vit-b-32 --tower image --batch 16 --steps 5"
        })
public final class TrainBench implements Callable<Integer> {
    /** What is trained. */
    enum Towers {
        BOTH,
        IMAGE
    }

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

    @Option(
            names = "--tower",
            paramLabel = "both|image",
            defaultValue = "BOTH",
            description = "What is trained; with image, the text tower runs forward alone (default: both).")
    Towers towers = Towers.BOTH;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Pairs (default: ${DEFAULT-VALUE}).")
    int batch;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "20",
            description = "Steps (default: ${DEFAULT-VALUE}).")
    int steps;

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16",
            defaultValue = "FP32",
            description = "Of matrix products (default: fp32).")
    Recipe.Precision precision = Recipe.Precision.FP32;

    @Option(names = "--device", paramLabel = "cpu|cuda", defaultValue = "CPU", description = "Where (default: cpu).")
    TorchDevice device = TorchDevice.CPU;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads on the CPU; 0, the default, is one a core.")
    int threads;

    @Option(names = "--json", description = "Print one JSON line.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        if (batch < 2 || steps < 1 || threads < 0) {
            throw CommandFailed.wrongUsage("--batch is at least 2, --steps 1 and --threads 0");
        }
        NativeThreads.current()
                .warnings()
                .forEach(warning -> spec.commandLine().getErr().println("Note: " + warning));
        Path folder = model == null ? Launch.read().shippedModel() : model;
        try (BenchBundle bundle = BenchBundle.open(BenchEncoder.parse(encoder, folder))) {
            StepTiming.Timing timing = StepTiming.measure(new StepTiming.Request(
                    bundle.bundle(), batch, 3, steps, towers == Towers.IMAGE, precision, device, threads));
            print(bundle.bundle().id(), timing);
            return 0;
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(
                    "--encoder " + encoder + " cannot be trained; write model or random:vit-b-32");
        } catch (BundleException | IOException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private void print(String id, StepTiming.Timing timing) {
        PrintWriter out = spec.commandLine().getOut();
        double median = timing.percentile(0.5);
        if (json) {
            ObjectNode line = new ObjectMapper().createObjectNode();
            line.put("model", id);
            line.put("towers", towers.name().toLowerCase(Locale.ROOT));
            line.put("batch", batch);
            line.put("steps", steps);
            line.put("trainedNumbers", timing.trainedNumbers());
            line.put("medianMs", median);
            line.put("p90Ms", timing.percentile(0.9));
            line.put("pairsPerSecond", batch * 1000 / median);
            line.put("peakMebibytes", timing.peakMebibytes());
            out.println(line);
        } else {
            out.println(String.format(
                    Locale.ROOT,
                    "%s, %s, batch %d: %.1f ms a step (90%% within %.1f), %.0f pairs/s, %d MiB at most",
                    id,
                    towers == Towers.BOTH ? "both towers" : "image tower",
                    batch,
                    median,
                    timing.percentile(0.9),
                    batch * 1000 / median,
                    timing.peakMebibytes()));
        }
    }
}

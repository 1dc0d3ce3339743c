package dev.moderato.cli.train;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.trainer.pairs.PairTraining;
import dev.moderato.trainer.pairs.PairsException;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.GraphException;
import dev.moderato.trainer.train.NativeThreads;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a bundle's encoders on pairs of images and captions, and writes a new bundle. */
@Command(
        name = "train",
        description = "Train a model's encoders on images with captions, and write a new model bundle.",
        footer = {
            "",
            "The pairs are CSV (image path,caption) or JSON lines ({\"image\": …, \"caption\": …}); paths start at the"
                    + " file's folder. Every row is used as it stands. A run that was killed goes on where it was when the"
                    + " same command is given again.",
            "",
            "  moderato train --pairs flagged.csv --bundle models/demo --recipe recipe.yaml --out models/demo-2"
        })
public final class TrainCommand implements Callable<Integer> {
    @Option(names = "--pairs", required = true, paramLabel = "FILE", description = "Images and their captions.")
    Path pairs = Path.of("");

    @Option(names = "--bundle", required = true, paramLabel = "DIR", description = "The model bundle to start from.")
    Path bundle = Path.of("");

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description = "How to train, as YAML; without it every setting has its default.")
    @Nullable
    Path recipe;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the new bundle is written.")
    Path out = Path.of("");

    @Option(
            names = "--device",
            paramLabel = "cpu|cuda",
            defaultValue = "CPU",
            description = "Where to train (default: cpu).")
    TorchDevice device = TorchDevice.CPU;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads on the CPU; 0, the default, is one a core.")
    int threads;

    @Option(names = "--skip-broken", description = "Leave out rows whose image cannot be decoded, rather than stop.")
    boolean skipBroken;

    @Option(names = "--json", description = "Print one JSON line a step.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        if (threads < 0) {
            throw CommandFailed.wrongUsage("--threads is " + threads + "; write 0 or more");
        }
        PrintWriter err = spec.commandLine().getErr();
        NativeThreads.current().warnings().forEach(warning -> err.println("Note: " + warning));
        try {
            String text = recipe == null ? "" : Files.readString(recipe);
            Recipe parsed = RecipeParser.parse(text, String.valueOf(recipe));
            StepLines lines = new StepLines(
                    spec.commandLine().getOut(), err, json, Launch.read().terminal());
            try (lines) {
                PairTraining.Outcome outcome = PairTraining.run(
                        new PairTraining.Request(pairs, bundle, parsed, text, out, device, threads, skipBroken), lines);
                lines.done(outcome);
            }
            return 0;
        } catch (RecipeException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        } catch (PairsException | BundleException | GraphException | TrainingException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw CommandFailed.because("training stopped: " + e.getMessage(), e);
        }
    }
}

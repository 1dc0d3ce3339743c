package dev.moderato.cli.train;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.pairs.PairTraining;
import dev.moderato.trainer.pairs.PairsException;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.scratch.ArchitectureException;
import dev.moderato.trainer.scratch.ArchitectureFile;
import dev.moderato.trainer.scratch.ScratchTraining;
import dev.moderato.trainer.train.GraphException;
import dev.moderato.trainer.train.NativeThreads;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a bundle's encoders on pairs of images and captions, and writes a new bundle. */
@Command(
        name = "train",
        description = "Train a model's encoders on images with captions, and write a new model bundle.",
        subcommands = {EvaluateCommand.class, PromoteCommand.class},
        footer = {
            "",
            "The pairs are CSV (image path,caption) or JSON lines ({\"image\": …, \"caption\": …}); paths start at the"
                    + " file's folder. Every row is used as it stands. A run that was killed goes on where it was when the"
                    + " same command is given again.",
            "",
            "  moderato train --pairs flagged.csv --bundle models/demo --recipe recipe.yaml --out models/demo-2"
        })
public final class TrainCommand implements Callable<Integer> {
    /** Where the weights come from that are not a bundle's. */
    enum Start {
        SCRATCH
    }

    @Option(names = "--pairs", paramLabel = "FILE", description = "Images and their captions.")
    @Nullable
    Path pairs;

    @Option(names = "--bundle", paramLabel = "DIR", description = "The model bundle to start from.")
    @Nullable
    Path bundle;

    @Option(
            names = "--from",
            paramLabel = "scratch",
            description =
                    "Start from random weights of the architecture --arch rather than from a bundle; without --pairs,"
                            + " on pictograms that are drawn on the way.")
    @Nullable
    Start from;

    @Option(names = "--arch", paramLabel = "FILE", description = "The towers' sizes, as YAML; for --from scratch.")
    @Nullable
    Path arch;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "Updates, rather than the recipe's; for --from scratch. 0 writes the bundle with random weights.")
    @Nullable
    Long steps;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "The new bundle's id (default: the folder's name); for --from scratch.")
    @Nullable
    String id;

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description = "How to train, as YAML; without it every setting has its default.")
    @Nullable
    Path recipe;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the new bundle is written.")
    @Nullable
    Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    FollowOptions following;

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
    public Integer call() throws InterruptedException {
        if (threads < 0) {
            throw CommandFailed.wrongUsage("--threads is " + threads + "; write 0 or more");
        }
        checkOptions();
        PrintWriter err = spec.commandLine().getErr();
        NativeThreads.current().warnings().forEach(warning -> err.println("Note: " + warning));
        try {
            String text = recipe == null ? "" : Files.readString(recipe);
            Recipe parsed = RecipeParser.parse(text, String.valueOf(recipe));
            StepLines lines = new StepLines(
                    spec.commandLine().getOut(), err, json, Launch.read().terminal());
            try (lines) {
                if (following.follow) {
                    new FollowService(following, spec.commandLine().getOut())
                            .run(
                                    bundle == null ? Launch.read().shippedModel() : bundle,
                                    recipe == null ? null : parsed,
                                    text,
                                    device,
                                    threads,
                                    lines);
                } else if (from == Start.SCRATCH) {
                    lines.done(fromScratch(parsed, text, lines), Map.of());
                } else {
                    PairTraining.Outcome outcome = PairTraining.run(
                            new PairTraining.Request(
                                    given(pairs), given(bundle), parsed, text, given(out), device, threads, skipBroken),
                            lines);
                    lines.done(outcome.bundle(), outcome.metrics());
                }
            }
            return 0;
        } catch (RecipeException | ArchitectureException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        } catch (PairsException | BundleException | GraphException | TrainingException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw CommandFailed.because("training stopped: " + e.getMessage(), e);
        }
    }

    private ModelBundle fromScratch(Recipe parsed, String text, StepLines lines)
            throws PairsException, BundleException, IOException {
        long wanted = steps == null ? parsed.length().steps() : steps;
        if (wanted == 0 && steps == null) {
            throw CommandFailed.wrongUsage(
                    "drawn pictures have no epochs: write steps: 1000 in the recipe, or give --steps");
        }
        String name = id == null
                ? String.valueOf(given(out).toAbsolutePath().normalize().getFileName())
                : id;
        return ScratchTraining.run(
                new ScratchTraining.Request(
                        name,
                        ArchitectureFile.read(given(arch)),
                        pairs,
                        parsed,
                        text,
                        wanted,
                        given(out),
                        device,
                        threads),
                lines);
    }

    private void checkOptions() {
        if (following.follow) {
            if (pairs != null || from != null || out != null) {
                throw CommandFailed.wrongUsage(
                        "--follow takes its pairs from the feedback topic: leave out --pairs, --from"
                                + " and --out (new bundles appear in --models)");
            }
            return;
        }
        if (out == null) {
            throw CommandFailed.wrongUsage("give --out DIR, where the new bundle is written");
        }
        if (from == Start.SCRATCH) {
            if (arch == null || bundle != null) {
                throw CommandFailed.wrongUsage(
                        "--from scratch takes --arch FILE, which has the towers' sizes, and no --bundle");
            }
        } else if (pairs == null || bundle == null) {
            throw CommandFailed.wrongUsage(
                    "give --pairs FILE and --bundle DIR, or --from scratch and --arch FILE; see 'moderato train --help'");
        } else if (arch != null || steps != null || id != null) {
            throw CommandFailed.wrongUsage("--arch, --steps and --id go with --from scratch");
        }
    }

    private static Path given(@Nullable Path path) {
        return Objects.requireNonNull(path, "checked with the options");
    }
}

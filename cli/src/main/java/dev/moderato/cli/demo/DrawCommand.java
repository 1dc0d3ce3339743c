package dev.moderato.cli.demo;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.pictograms.DrawnFiles;
import dev.moderato.pictograms.Thing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws pictograms into files. */
@Command(
        name = "draw",
        description = "Draw pictograms to try things with: all that the shipped encoder knows, or one kind.",
        footer = {"", "  moderato draw grenade --count 200 --out grenades"})
public final class DrawCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "THING", description = "What to draw, for example knife or grenade.")
    @Nullable
    String thing;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Another one gives other drawings (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the files are written.")
    Path out = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        if (count < 1) {
            throw CommandFailed.wrongUsage("--count is " + count + "; write 1 or more");
        }
        try {
            spec.commandLine()
                    .getOut()
                    .println("drew "
                            + DrawnFiles.write(out, things(), count, seed).size() + " images into " + out);
            return 0;
        } catch (IOException e) {
            throw CommandFailed.because("cannot write to " + out + ": " + IoReason.of(e), e);
        }
    }

    private List<Thing> things() {
        if (thing == null) {
            return Thing.known();
        }
        return List.of(Arrays.stream(Thing.values())
                .filter(one -> one.key().equals(thing))
                .findFirst()
                .orElseThrow(() -> CommandFailed.wrongUsage(thing + " cannot be drawn; there are "
                        + Arrays.stream(Thing.values()).map(Thing::key).collect(Collectors.joining(", ")))));
    }
}

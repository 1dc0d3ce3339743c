package dev.moderato.cli.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measurements of each part, with the bare ceilings of the same run to hold them against. */
@Command(
        name = "bench",
        description = "Measure a part: median, percentiles and what the bare machine could do in the same run.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PreprocessBench.class, EncodeBench.class, StreamBench.class, RescoreBench.class, TrainBench.class
        })
public final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which part? `moderato bench --help` lists them.");
    }
}

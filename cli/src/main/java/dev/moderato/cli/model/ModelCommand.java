package dev.moderato.cli.model;

import dev.moderato.cli.train.RollbackCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Model bundles, and each step of an encoder by itself. */
@Command(
        name = "model",
        description = "Make, look at and check model bundles; run one step of an encoder by itself.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ImportCommand.class,
            PullCommand.class,
            ListCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            RollbackCommand.class,
            TokenizeCommand.class,
            PreprocessCommand.class,
            EmbedCommand.class
        })
public final class ModelCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Do what? `moderato model --help` lists the commands.");
    }
}

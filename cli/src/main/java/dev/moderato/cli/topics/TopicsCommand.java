package dev.moderato.cli.topics;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The topics of an installation: made, and held to the catalogue. */
@Command(
        name = "topics",
        description = "Create the topics that Moderato needs, or check those that a cluster has.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {CreateTopics.class, CheckTopics.class})
public final class TopicsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Create or check? `moderato topics --help` explains.");
    }
}

package dev.moderato.cli.policy;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything about prompt files: check, try, publish, and judge the past anew. */
@Command(
        name = "policy",
        description = "Check policies, try them, publish them, and judge the past by them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            LintCommand.class,
            TestCommand.class,
            PublishCommand.class,
            RetireCommand.class,
            HistoryCommand.class,
            CalibrateCommand.class,
            DiffCommand.class,
            RescoreCommand.class
        })
public final class PolicyCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? `moderato policy --help` lists them.");
    }
}

package dev.moderato.cli;

import dev.moderato.cli.bench.BenchCommand;
import dev.moderato.cli.classify.ClassifyCommand;
import dev.moderato.cli.cluster.FeedbackCommand;
import dev.moderato.cli.cluster.ResultsCommand;
import dev.moderato.cli.cluster.SubmitCommand;
import dev.moderato.cli.demo.DemoCommand;
import dev.moderato.cli.demo.DrawCommand;
import dev.moderato.cli.model.ModelCommand;
import dev.moderato.cli.policy.PolicyCommand;
import dev.moderato.cli.stack.UpCommand;
import dev.moderato.cli.topics.TopicsCommand;
import dev.moderato.cli.train.TrainCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: exit code 0 when the work is done, 1 when it failed, 2 when it was asked for wrongly. */
@Command(
        name = "moderato",
        mixinStandardHelpOptions = true,
        versionProvider = Moderato.Version.class,
        scope = ScopeType.INHERIT,
        usageHelpAutoWidth = true,
        description = "Real-time image moderation on Kafka.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            DrawCommand.class,
            UpCommand.class,
            SubmitCommand.class,
            ResultsCommand.class,
            FeedbackCommand.class,
            PolicyCommand.class,
            TopicsCommand.class,
            ClassifyCommand.class,
            ModelCommand.class,
            TrainCommand.class,
            BenchCommand.class
        },
        footer = {"", "Start with `moderato demo`; `moderato COMMAND --help` explains a command."})
public final class Moderato implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] args) {
        Logging.quieten();
        int exit = commandLine().execute(args);
        System.out.flush();
        System.exit(exit);
    }

    /** The whole command line, with the handlers that turn every failure into one line and an exit code. */
    public static CommandLine commandLine() {
        return new CommandLine(new Moderato())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(WRONG_USAGE)
                .setExecutionExceptionHandler(FAILED);
    }

    @picocli.CommandLine.Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Log what happens, and print the stack trace of a failure.")
    void debug(boolean on) {
        if (on) {
            Logging.everything();
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? `moderato --help` lists them.");
    }

    private static final IParameterExceptionHandler WRONG_USAGE = (failure, args) -> {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + oneLine(String.valueOf(failure.getMessage())));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    };

    private static final IExecutionExceptionHandler FAILED = (failure, command, parsed) -> {
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        if (failure instanceof CommandFailed known) {
            err.println(name + ": " + known.getMessage());
        } else {
            err.println(name + ": unexpected " + failure.getClass().getSimpleName() + ": "
                    + oneLine(String.valueOf(failure.getMessage()))
                    + (Logging.isDebug() ? "" : " (--debug tells more)"));
        }
        if (Logging.isDebug()) {
            failure.printStackTrace(err);
        }
        err.flush();
        return failure instanceof CommandFailed known ? known.exitCode() : CommandLine.ExitCode.SOFTWARE;
    };

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Moderato.class.getPackage().getImplementationVersion();
            return new String[] {"moderato " + (version == null ? "(built from source)" : version)};
        }
    }
}

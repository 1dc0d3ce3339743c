package dev.moderato.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** What a command line printed, and how it ended. */
public record CommandLineRun(int exit, String out, String err) {
    public static CommandLineRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Moderato.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new CommandLineRun(line.execute(args), out.toString(), err.toString());
    }

    public List<String> outLines() {
        return out.lines().toList();
    }
}

package dev.moderato.cli;

import org.jspecify.annotations.Nullable;

/** A command's expected failure. Its message is the one line that the person reads: what, where, and what to do. */
public final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandFailed(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** The work failed: exit code 1. */
    public static CommandFailed because(String message) {
        return new CommandFailed(1, message, null);
    }

    /** The work failed: exit code 1. */
    public static CommandFailed because(String message, Throwable cause) {
        return new CommandFailed(1, message, cause);
    }

    /** It was asked for wrongly: exit code 2. */
    public static CommandFailed wrongUsage(String message) {
        return new CommandFailed(2, message, null);
    }

    public int exitCode() {
        return exitCode;
    }
}

package dev.moderato.inference.policy;

import java.util.Locale;

/**
 * Something wrong or doubtful in a policy file.
 *
 * @param line from 1
 * @param column from 1, in characters
 * @param message what is wrong and what to write instead
 */
public record Diagnostic(String file, int line, int column, Severity severity, String message) {
    /** Whether the policy can still be used. */
    public enum Severity {
        ERROR,
        WARNING
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** {@code file:line:column: error: message}, as compilers print it and editors read it. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": " + severity.name().toLowerCase(Locale.ROOT) + ": " + message;
    }
}

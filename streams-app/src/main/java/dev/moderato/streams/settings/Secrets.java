package dev.moderato.streams.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts secrets into settings that name where they are: <code>${secret:/run/secrets/password}</code> is what the file holds,
 * less the line's end, and <code>${env:NAME}</code> is a variable of the environment. So that neither a configuration file
 * nor a command line holds one.
 */
public record Secrets(Map<String, String> environment) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(secret|env):([^}]+)}");

    public Secrets {
        environment = Map.copyOf(environment);
    }

    /** With this process's environment. */
    public static Secrets ofThisProcess() {
        return new Secrets(System.getenv());
    }

    /**
     * The text with each reference replaced. What a secret holds is taken as it is, references in it included.
     *
     * @throws IllegalArgumentException that names the reference that leads nowhere
     */
    public String reveal(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder revealed = new StringBuilder();
        while (matcher.find()) {
            String value = matcher.group(1).equals("env") ? variable(matcher.group(2)) : file(matcher.group(2));
            matcher.appendReplacement(revealed, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(revealed).toString();
    }

    private String variable(String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the environment has no variable " + name);
        }
        return value;
    }

    private static String file(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the secret in " + path + " cannot be read (" + e + ")", e);
        }
    }

    /** The environment may hold secrets itself. */
    @Override
    public String toString() {
        return "Secrets[" + environment.size() + " variables]";
    }
}

package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A policy file as it was read.
 *
 * @param path as the person named it, or found in the folder that was named
 */
record PolicyFile(Path path, String text, ParsedPolicy parsed) {

    /**
     * Reads one file; whatever its text is, it ends as a policy or as diagnostics.
     *
     * @throws CommandFailed where the file cannot be read
     */
    static PolicyFile read(Path path) {
        try {
            String text = Files.readString(path, StandardCharsets.UTF_8);
            return new PolicyFile(
                    path, text, PolicyParser.parse(text, path.toString(), Templates.inFolder(templatesBeside(path))));
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + path + ": it is no readable UTF-8 text (" + e + ")", e);
        }
    }

    /**
     * Reads the files, and of folders each policy file directly in them, in the order of their names.
     *
     * @throws CommandFailed (wrong usage) where a path does not exist or a folder holds no policy
     */
    static List<PolicyFile> readAll(List<Path> named) {
        List<PolicyFile> files = new ArrayList<>();
        for (Path path : named) {
            if (Files.isDirectory(path)) {
                inFolder(path).forEach(file -> files.add(read(file)));
            } else if (Files.exists(path)) {
                files.add(read(path));
            } else {
                throw CommandFailed.wrongUsage("no such file or folder: " + path);
            }
        }
        return files;
    }

    private static List<Path> inFolder(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> policies =
                    files.filter(PolicyFile::looksLikeAPolicy).sorted().toList();
            if (policies.isEmpty()) {
                throw CommandFailed.wrongUsage(
                        "no policies in " + folder + ": there is no file ending in .yaml or .yml");
            }
            return policies;
        } catch (IOException e) {
            throw CommandFailed.because("cannot list " + folder + ": " + IoReason.of(e), e);
        }
    }

    private static boolean looksLikeAPolicy(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml"))
                && !name.startsWith(".")
                && !name.startsWith("kustomization.")
                && Files.isRegularFile(file);
    }

    /** The folder that the policy's paths are relative to. */
    Path folder() {
        return path.toAbsolutePath().normalize().resolveSibling("");
    }

    Templates templates() {
        return Templates.inFolder(templatesBeside(path));
    }

    /**
     * The policy.
     *
     * @throws CommandFailed with every error where the file is not valid
     */
    Policy policy() {
        Policy policy = parsed.policy();
        if (policy == null) {
            throw CommandFailed.because(parsed.diagnostics().stream()
                    .filter(Diagnostic::isError)
                    .map(Diagnostic::toString)
                    .collect(Collectors.joining("\n")));
        }
        return policy;
    }

    private static Path templatesBeside(Path path) {
        return path.resolveSibling("templates");
    }
}

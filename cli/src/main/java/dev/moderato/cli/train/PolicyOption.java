package dev.moderato.cli.train;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.FileRewrite;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.Launch;
import dev.moderato.inference.policy.Calibration;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyEdit;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The policy whose labels are flagged. */
public final class PolicyOption {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "The policy whose labels are flagged, with its tests (default: prompts/default.yaml).")
    @Nullable
    Path file;

    /** Reads it anew. */
    Policy read() {
        Path path = path();
        try {
            ParsedPolicy parsed = PolicyParser.parse(
                    Files.readString(path), path.toString(), Templates.inFolder(path.resolveSibling("templates")));
            Policy policy = parsed.policy();
            if (policy == null) {
                throw CommandFailed.because(parsed.diagnostics().stream()
                        .filter(Diagnostic::isError)
                        .map(Diagnostic::toString)
                        .collect(Collectors.joining("\n")));
            }
            return policy;
        } catch (IOException e) {
            throw CommandFailed.because("cannot read the policy " + path + ": " + IoReason.of(e), e);
        }
    }

    /** What the images of its tests are relative to. */
    Path folder() {
        return path().toAbsolutePath().normalize().resolveSibling("");
    }

    /** Writes entries for a bundle into the file, and leaves all else as it is. */
    void calibrate(String bundleId, Map<String, Calibration> entries) {
        Path path = path();
        Templates templates = Templates.inFolder(path.resolveSibling("templates"));
        try {
            String before = Files.readString(path);
            String text = before;
            for (Map.Entry<String, Calibration> entry : entries.entrySet()) {
                text = PolicyEdit.calibrate(text, templates, entry.getKey(), bundleId, entry.getValue());
            }
            FileRewrite.replace(path, before, text);
        } catch (IllegalStateException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read the policy " + path + ": " + IoReason.of(e), e);
        }
    }

    Path path() {
        return file == null ? Launch.read().shippedPrompts().resolve("default.yaml") : file;
    }
}

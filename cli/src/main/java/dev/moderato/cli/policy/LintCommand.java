package dev.moderato.cli.policy;

import dev.moderato.cli.JsonLine;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.inference.policy.Diagnostic;
import dev.moderato.inference.policy.PolicyLint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks policy files: their form, and what the encoder will not understand. */
@Command(
        name = "lint",
        description = "Check policy files; print file:line:column: error|warning: message.",
        footer = {
            "",
            "Exit code 0: no error (with --strict: no warning either); 1: there is one; 2: wrong usage.",
            "",
            "  moderato policy lint prompts",
            "  moderato policy lint prompts/default.yaml --strict --json"
        })
final class LintCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Policy files, or folders of them.")
    List<Path> paths = List.of();

    @Option(names = "--strict", description = "Let warnings fail too.")
    boolean strict;

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    BundleOption model;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        List<PolicyFile> files = PolicyFile.readAll(paths);
        List<Diagnostic> found = new ArrayList<>();
        try (LocalModel encoder = LocalModel.open(model.bundle())) {
            PolicyLint lint = PolicyLint.ofTexts().withTokens(encoder.tokens());
            // Random weights hold no meaning that prompts could share.
            PolicyLint full = encoder.bundle().trained() ? lint.withEncoder(encoder.texts()) : lint;
            files.forEach(file -> found.addAll(full.withImagesIn(file.folder()).check(file.parsed())));
        }
        PrintWriter out = spec.commandLine().getOut();
        found.forEach(one -> out.println(json ? json(one) : one.toString()));
        out.flush();
        long errors = found.stream().filter(Diagnostic::isError).count();
        if (!json) {
            spec.commandLine().getErr().println(summary(files.size(), errors, found.size() - errors));
        }
        return errors > 0 || (strict && !found.isEmpty()) ? 1 : 0;
    }

    private static String summary(int files, long errors, long warnings) {
        return counted(files, "file") + ": " + counted(errors, "error") + ", " + counted(warnings, "warning");
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String json(Diagnostic one) {
        return JsonLine.write(JsonLine.object()
                .put("file", one.file())
                .put("line", one.line())
                .put("column", one.column())
                .put("severity", one.severity().name().toLowerCase(Locale.ROOT))
                .put("message", one.message()));
    }
}

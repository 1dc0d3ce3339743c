package dev.moderato.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.clip.BundleVerifier;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.ModelBundle;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whether a bundle is whole, and computes here what it computed where it was made. */
@Command(
        name = "verify",
        description = "Check a bundle's files, run its probe, and compare with what was recorded when it was made.")
public final class VerifyCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "BUNDLE_DIR", description = "The bundle (or --model).")
    @Nullable
    Path folder;

    @Mixin
    BundleOption bundle = new BundleOption();

    @Mixin
    EncoderOptions encoder = new EncoderOptions();

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        ModelBundle read = folder == null ? bundle.bundle() : BundleOption.read(folder);
        PrintWriter out = spec.commandLine().getOut();
        try (ClipModel model = encoder.open(read, spec.commandLine().getErr())) {
            BundleVerifier.Report report = BundleVerifier.verify(model);
            if (json) {
                ObjectNode line = JsonLine.object()
                        .put("bundle", read.folder().toString())
                        .put("id", read.id())
                        .put("sha256", read.sha256())
                        .put("device", model.device().toString())
                        .put("deviceReason", model.deviceReason())
                        .put("passed", report.passed())
                        .put("imageDrift", report.imageDrift())
                        .put("textDrift", report.textDrift())
                        .put("tolerance", report.tolerance());
                line.set("problems", JsonLine.tree(report.problems()));
                line.set("warnings", JsonLine.tree(model.warnings()));
                out.println(JsonLine.write(line));
            } else {
                out.printf(
                        Locale.ROOT,
                        "%s: %d files as recorded; runs on %s; drift of the probe %.1e (image), %.1e (text), allowed %.0e%n",
                        read.id(),
                        read.files().size(),
                        model.deviceReason(),
                        report.imageDrift(),
                        report.textDrift(),
                        report.tolerance());
                report.problems().forEach(problem -> out.println("Failed: " + problem));
            }
            out.flush();
            return report.passed() ? 0 : 1;
        }
    }
}

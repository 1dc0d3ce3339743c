package dev.moderato.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Precision;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is in a bundle. */
@Command(name = "inspect", description = "Show what a bundle holds: its towers, preprocessing, tokenizer and origin.")
public final class InspectCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "BUNDLE_DIR", description = "The bundle (or --model).")
    @Nullable
    Path folder;

    @Mixin
    BundleOption bundle = new BundleOption();

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        ModelBundle read = folder == null ? bundle.bundle() : BundleOption.read(folder);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.write(tree(read)));
        } else {
            print(read, out);
        }
        out.flush();
        return 0;
    }

    private static ObjectNode tree(ModelBundle bundle) {
        try {
            ObjectNode line = JsonLine.object()
                    .put("bundle", bundle.folder().toString())
                    .put("sha256", bundle.sha256())
                    .put("imagePrecision", name(bundle.imagePrecision()))
                    .put("textPrecision", name(bundle.textPrecision()));
            line.setAll(
                    (ObjectNode) JsonLine.read(Files.readString(bundle.folder().resolve("bundle.json"))));
            line.remove("probe");
            return line;
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + bundle.folder() + ": " + IoReason.of(e), e);
        }
    }

    private static String name(Precision precision) {
        return precision.name().toLowerCase(Locale.ROOT);
    }

    private static void print(ModelBundle bundle, PrintWriter out) {
        out.println(bundle.id() + "  sha256 " + bundle.sha256());
        out.println(BundleText.summary(bundle));
        BundleManifest manifest = bundle.manifest();
        Preprocessing images = bundle.preprocessing();
        row(out, "image tower", manifest.image().model() + ", " + name(bundle.imagePrecision()));
        row(out, "text tower", manifest.text().model() + ", " + name(bundle.textPrecision()));
        row(
                out,
                "resize",
                words(images.resize()) + ", " + words(images.interpolation()) + ", crop " + words(images.crop()));
        row(out, "colours", "RGB " + words(images.convert()) + ", mean " + images.mean() + ", std " + images.std());
        row(out, "padding", "token " + manifest.tokenizer().padding());
        row(out, "trained", bundle.trained() ? "yes" : "no: its verdicts mean nothing");
        row(out, "source", Objects.requireNonNullElse(manifest.provenance().source(), "not said"));
        row(out, "licence", Objects.requireNonNullElse(manifest.provenance().licence(), "not said"));
        row(out, "parent", Objects.requireNonNullElse(manifest.provenance().parent(), "none"));
        manifest.provenance().metrics().forEach((name, value) -> row(out, name, BundleText.number(value)));
        bundle.files()
                .forEach((name, sha256) -> row(out, name, size(bundle.folder().resolve(name)) + ", sha256 " + sha256));
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf("  %-22s %s%n", name, value);
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String size(Path file) {
        try {
            return String.format(Locale.ROOT, "%,d B", Files.size(file));
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
    }
}

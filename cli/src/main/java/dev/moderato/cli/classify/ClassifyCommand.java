package dev.moderato.cli.classify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.cli.model.EncoderOptions;
import dev.moderato.cli.model.ImageOptions;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.ZeroShot;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** CLIP's own zero-shot classification of image files. */
@Command(
        name = "classify",
        description = "Say which of some labels each image shows, by CLIP's zero-shot classification.",
        footer = {
            "",
            "  moderato classify --labels \"a cat,a dog\" photo.jpg",
            "  moderato classify --labels-file labels.yaml --templates templates.txt --json photos/",
            "",
            "With --json each line is {\"file\", \"scores\": {label: probability}, \"cosines\": {…}}, or for a rejected file",
            "{\"file\", \"rejected\", \"detail\"}; the exit code is 1 only if all are rejected."
        })
public final class ClassifyCommand implements Callable<Integer> {
    @Mixin
    BundleOption bundle = new BundleOption();

    @ArgGroup(multiplicity = "1")
    Labels labels = new Labels();

    @Option(
            names = "--templates",
            paramLabel = "FILE",
            description = "Templates, one a line, with {} where a name goes (default: the name as it stands).")
    @Nullable
    Path templates;

    @Mixin
    EncoderOptions encoder = new EncoderOptions();

    @Mixin
    ImageOptions images = new ImageOptions();

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Image files or folders of them.")
    List<String> files = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    /** Given in place or in a file. */
    static final class Labels {
        @Option(names = "--labels", paramLabel = "\"a,b\"", description = "Labels, with commas between them.")
        @Nullable
        String inline;

        @Option(
                names = "--labels-file",
                paramLabel = "FILE",
                description = "Labels, one a line, or YAML: label: [name, synonym].")
        @Nullable
        Path file;

        Map<String, List<String>> read() {
            return file != null ? LabelFile.labels(file) : LabelFile.inline(String.valueOf(inline));
        }
    }

    @Override
    public Integer call() {
        Map<String, List<String>> names = labels.read();
        List<String> filled = templates == null ? List.of(ZeroShot.SLOT) : LabelFile.templates(templates);
        List<String> sources = ImagePaths.files(files);
        PrintWriter out = spec.commandLine().getOut();
        int classified = 0;
        try (ClipModel model = encoder.open(bundle.bundle(), spec.commandLine().getErr())) {
            ZeroShot zeroShot = ZeroShot.of(model, names, filled);
            ImagePreprocessor preprocessor = images.preprocessor(model.preprocessing());
            for (String source : sources) {
                try {
                    byte[] crop =
                            ImageOptions.prepare(preprocessor, source).frames().get(0);
                    out.println(line(source, zeroShot.classify(model.images().encode(List.of(crop))[0])));
                    classified++;
                } catch (ImageRejected e) {
                    out.println(
                            json
                                    ? ImageOptions.rejected("file", source, e)
                                    : source + "  rejected: " + e.reason() + ": " + e.detail());
                }
            }
            return classified == 0 ? 1 : 0;
        } catch (EncoderException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } finally {
            out.flush();
        }
    }

    private String line(String source, ZeroShot.Classification classification) {
        if (json) {
            ObjectNode line = JsonLine.object().put("file", source);
            line.set("scores", JsonLine.tree(classification.scores()));
            line.set("cosines", JsonLine.tree(classification.cosines()));
            return JsonLine.write(line);
        }
        return source + "  "
                + classification.scores().entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .map(score -> String.format(Locale.ROOT, "%s %.3f", score.getKey(), score.getValue()))
                        .collect(Collectors.joining(", "));
    }
}

package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Image files to the tensors that an encoder is fed. */
@Command(
        name = "preprocess",
        description = "Write the tensor that a model is fed for each image: float32, 1×3×height×width, as .npy.",
        footer = {
            "",
            "A file that is rejected is a JSON line, {\"file\", \"rejected\", \"detail\"}; the exit code is 1 only if all are."
        })
public final class PreprocessCommand implements Callable<Integer> {
    @Mixin
    BundleOption bundle = new BundleOption();

    @Mixin
    ImageOptions images = new ImageOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where the tensors go: DIR/<file name>.npy.")
    Path out = Path.of("");

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Image files or folders of them.")
    List<String> files = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter lines = spec.commandLine().getOut();
        Map<String, Path> targets = targets(ImagePaths.files(files));
        Preprocessing preprocessing = bundle.bundle().preprocessing();
        ImagePreprocessor preprocessor = images.preprocessor(preprocessing);
        int written = 0;
        for (Map.Entry<String, Path> target : targets.entrySet()) {
            try {
                byte[] crop = ImageOptions.prepare(preprocessor, target.getKey())
                        .frames()
                        .get(0);
                write(target.getValue(), preprocessing, crop);
                written++;
            } catch (ImageRejected e) {
                lines.println(ImageOptions.rejected("file", target.getKey(), e));
            }
        }
        lines.flush();
        return written == 0 ? 1 : 0;
    }

    private void write(Path target, Preprocessing preprocessing, byte[] crop) {
        try {
            Files.createDirectories(out);
            NumpyFile.write(target, preprocessing.tensor(crop), 1, 3, preprocessing.height(), preprocessing.width());
        } catch (IOException e) {
            throw CommandFailed.because("cannot write " + target + ": " + IoReason.of(e), e);
        }
    }

    private Map<String, Path> targets(List<String> sources) {
        Map<String, Path> targets = new LinkedHashMap<>();
        Map<Path, String> taken = new TreeMap<>();
        for (String source : sources) {
            Path target = out.resolve(Path.of(source).getFileName() + ".npy");
            String other = taken.put(target, source);
            if (other != null && !other.equals(source)) {
                throw CommandFailed.wrongUsage(
                        other + " and " + source + " would both become " + target + ": give them one at a time");
            }
            targets.put(source, target);
        }
        return targets;
    }
}

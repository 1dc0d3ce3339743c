package dev.moderato.cli.model;

import dev.moderato.inference.clip.ModelImport;
import dev.moderato.inference.clip.NamedFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a new bundle goes, and what a model's files do not say. */
final class BundleFacts {
    @Option(names = "--out", required = true, paramLabel = "BUNDLE_DIR", description = "The new bundle's folder.")
    Path out = Path.of("");

    @Option(names = "--id", paramLabel = "ID", description = "The bundle's id (default: the name of BUNDLE_DIR).")
    @Nullable
    String id;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Which of several graphs, such as quantized for onnx/vision_model_quantized.onnx"
                    + " (default: the plain ones).")
    @Nullable
    String variant;

    @Option(
            names = "--logit-scale",
            paramLabel = "X",
            description = "What the model multiplies a cosine with, which most exports leave out (default: 100).")
    @Nullable
    Double logitScale;

    @Option(
            names = "--logit-bias",
            paramLabel = "X",
            description = "What a model with sigmoid probabilities (SigLIP) adds to that.")
    @Nullable
    Double logitBias;

    @Option(
            names = "--licence",
            paramLabel = "NAME",
            description = "Licence of the weights (default: as README.md says).")
    @Nullable
    String licence;

    ModelImport.Request request(@Nullable Path source, NamedFiles files) {
        return request(source, files, null);
    }

    ModelImport.Request request(@Nullable Path source, NamedFiles files, @Nullable String origin) {
        return new ModelImport.Request(source, files, out, id, variant, logitScale, logitBias, origin, licence);
    }
}

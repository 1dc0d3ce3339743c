package dev.moderato.cli.model;

import dev.moderato.inference.clip.ModelImport;
import dev.moderato.inference.clip.NamedFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a model's files do not say of the bundle to be. */
final class BundleFacts {
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

    /** @param origin where the files come from, in words; null for what their layout says */
    ModelImport.Request request(@Nullable Path source, NamedFiles files, Path out, @Nullable String origin) {
        return new ModelImport.Request(source, files, out, id, variant, logitScale, logitBias, origin, licence);
    }
}

package dev.moderato.cli.policy;

import dev.moderato.cli.Launch;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command understands texts and images with. */
final class ModelOption {
    @Option(
            names = "--model",
            paramLabel = "BUNDLE_DIR",
            description = "Model bundle (default: the shipped demonstration encoder).")
    @Nullable
    Path bundle;

    /** Opens it; the caller closes it. */
    LocalModel open() {
        return LocalModel.open(bundle == null ? Launch.read().shippedModel() : bundle);
    }
}

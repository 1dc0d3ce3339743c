package dev.moderato.cli.stack;

import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.ModelBundle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a stack judges by, unless told otherwise what the project ships. */
public final class StackOptions {
    @Option(
            names = "--prompts",
            paramLabel = "DIR",
            description = "Folder of policies (default: the shipped prompts/).")
    @Nullable
    Path prompts;

    @Option(
            names = "--model",
            paramLabel = "BUNDLE_DIR",
            description = "Model bundle (default: the shipped demonstration encoder).")
    @Nullable
    Path model;

    public Path prompts(Launch launch) {
        return prompts == null ? launch.shippedPrompts() : prompts;
    }

    /** @throws dev.moderato.cli.CommandFailed where the folder is no whole bundle */
    public ModelBundle model(Launch launch) {
        return LocalStack.bundle(model == null ? launch.shippedModel() : model);
    }
}

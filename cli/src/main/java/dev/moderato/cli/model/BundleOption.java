package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model: {@code --model}. */
public final class BundleOption {
    @Option(
            names = "--model",
            paramLabel = "BUNDLE_DIR",
            description = "The model bundle (default: the shipped demonstration encoder).")
    @Nullable
    Path model;

    /** The bundle, with every checksum compared. */
    public ModelBundle bundle() {
        return read(model == null ? Launch.read().shippedModel() : model);
    }

    static ModelBundle read(Path folder) {
        try {
            return ModelBundle.read(folder);
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }
}

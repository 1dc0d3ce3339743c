package dev.moderato.streams.models;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens model bundles. */
public interface BundleOpener {
    /**
     * Verifies a bundle, opens and warms up its sessions.
     *
     * @param sha256 what the bundle must hash to; null where anything goes
     * @throws UnusableModelException where it cannot be used, with what is wrong
     */
    ServingModel.Parts open(Path folder, @Nullable String sha256) throws UnusableModelException;
}

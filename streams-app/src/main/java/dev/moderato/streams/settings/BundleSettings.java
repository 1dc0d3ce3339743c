package dev.moderato.streams.settings;

import dev.moderato.content.S3Access;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How bundles are had that were announced in an S3-compatible store.
 *
 * @param cache folder that copies are kept in, by their sha256
 */
public record BundleSettings(S3Access s3, Path cache) {
    static BundleSettings read(SettingsReader in) {
        S3Access access = ReferenceSettings.access(in, "bundles.s3.");
        @Nullable
        Path cache = in.byRule("below the folder for temporary files")
                .path("bundles.cache", "folder for copies of bundles announced as s3:");
        return new BundleSettings(
                access, cache == null ? Path.of(System.getProperty("java.io.tmpdir"), "moderato-bundles") : cache);
    }
}

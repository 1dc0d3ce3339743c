package dev.moderato.cli.train;

import dev.moderato.bundles.BundleStore;
import dev.moderato.bundles.S3Address;
import dev.moderato.cli.CommandFailed;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.SettingsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The service's own settings, as far as the trainer keeps to them: where bundles are had from, and what references may be fetched. */
public final class ServiceOptions {
    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description =
                    "Settings of the service, .properties or .yaml, of which bundles.* and references.* hold here too; the"
                            + " environment (MODERATO_BUNDLES_S3_ENDPOINT, …) wins over it.")
    @Nullable
    Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One such setting, which wins over both; may be given several times.")
    Map<String, String> values = new LinkedHashMap<>();

    /** @throws CommandFailed with every problem of the settings */
    AppSettings read() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("kafka.bootstrap", "as the command's own options say");
        all.put("registry.url", "as the command's own options say");
        all.putAll(values);
        try {
            return AppSettings.load(file, all);
        } catch (SettingsException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Where bundles are had from.
     *
     * @param place where new ones are brought to; null announces them in the folder in which they lie
     */
    BundleStore store(@Nullable S3Address place) {
        AppSettings settings = read();
        return new BundleStore(settings.bundles().s3(), settings.bundles().cache(), place);
    }
}

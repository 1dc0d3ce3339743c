package dev.moderato.streams.settings;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where policies come from.
 *
 * @param watch folder of prompt files that this instance publishes; null where another one does
 * @param tests whether a policy's own tests gate its publication
 */
public record PolicySettings(@Nullable Path watch, Duration debounce, boolean tests) {
    static PolicySettings read(SettingsReader in) {
        return new PolicySettings(
                in.path("policies.watch", "folder of prompt files that this instance publishes"),
                in.time(
                        "policies.debounce",
                        "150 ms",
                        Duration.ofMillis(10),
                        Duration.ofSeconds(10),
                        "quiet time after an edit before it is read"),
                in.flag("policies.tests", true, "whether a policy's own tests must pass before it is published"));
    }
}

package dev.moderato.streams.settings;

import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.Precision;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which encoder runs, and where.
 *
 * @param bundle folder of the bundle that is used as long as none was announced; null where only the models topic decides
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
public record ModelSettings(@Nullable Path bundle, String device, Precision precision, int threads) {
    static ModelSettings read(SettingsReader in) {
        ModelSettings settings = new ModelSettings(
                in.path("model.bundle", "folder of the model bundle that is used until another one is announced"),
                in.text(
                        "model.device",
                        "auto",
                        "where the encoder runs: auto (a GPU where there is one), cpu, cuda or cuda:N"),
                in.choice(
                        "model.precision",
                        Precision.AUTO,
                        "numbers that the encoder computes with; auto takes the bundle's"),
                in.byRule("one a core")
                        .count(
                                "model.threads",
                                Runtime.getRuntime().availableProcessors(),
                                1,
                                256,
                                "threads",
                                "CPU threads that a batch is spread over; means nothing on a GPU"));
        try {
            Device.parse(settings.device());
        } catch (IllegalArgumentException e) {
            in.problem("model.device: " + e.getMessage());
        }
        return settings;
    }
}

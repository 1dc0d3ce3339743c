package dev.moderato.streams.settings;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which encoder runs, and where.
 *
 * @param bundle folder of the bundle that is used as long as none was announced; null where only the models topic decides
 */
public record ModelSettings(@Nullable Path bundle, Device device, int threads) {
    /** Where the encoder runs. */
    public enum Device {
        AUTO,
        CPU,
        CUDA
    }

    static ModelSettings read(SettingsReader in) {
        return new ModelSettings(
                in.path("model.bundle", "folder of the model bundle that is used until another one is announced"),
                in.choice("model.device", Device.AUTO, "where the encoder runs; auto takes a GPU where there is one"),
                in.count("model.threads", 1, 1, 256, "threads", "CPU threads inside one run of the encoder"));
    }
}

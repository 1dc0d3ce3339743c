package dev.moderato.cli.hub;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Downloads of a model what an import needs. */
public final class HubPull {
    private static final long MEGABYTE = 1_000_000;

    private final Hub hub;
    private final boolean terminal;

    public HubPull(Hub hub, boolean terminal) {
        this.hub = hub;
        this.terminal = terminal;
    }

    /**
     * Downloads into {@code folder/COMMIT}; what is there already, from an earlier try, stays.
     *
     * @param variant of the graphs; null for the plain ones
     * @return that folder
     * @throws CommandFailed where the model has no ONNX towers of the variant, or a download fails
     */
    public Path into(Path folder, HubModel model, @Nullable String variant) {
        List<HubModel.File> files = HubFiles.choose(model, variant);
        Path target = folder.resolve(model.commit().replaceAll("[^\\w.-]", "-"));
        long total = files.stream().mapToLong(file -> Math.max(0, file.size())).sum();
        boolean known = files.stream().allMatch(file -> file.size() >= 0);
        try (Progress progress = Progress.start(
                "Downloading " + model.id() + " (MB)", known ? (total + MEGABYTE - 1) / MEGABYTE : -1, terminal)) {
            long[] done = {0};
            for (HubModel.File file : files) {
                Path place = target.resolve(file.path());
                if (!Files.exists(place)) {
                    hub.download(model, file, place, bytes -> progress.at((done[0] + bytes) / MEGABYTE));
                }
                done[0] += place.toFile().length();
                progress.at((done[0] + MEGABYTE - 1) / MEGABYTE);
            }
        }
        return target;
    }
}

package dev.moderato.cli.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model as a hub lists it.
 *
 * @param id {@code owner/name}
 * @param commit what the revision that was asked for stands for at this moment
 */
public record HubModel(String id, String commit, List<File> files) {
    public HubModel {
        files = List.copyOf(files);
    }

    /**
     * One of its files.
     *
     * @param path in the model, {@code /} between names
     * @param size in bytes; -1 where the hub does not say before the download
     * @param checksum null where the hub does not say before the download
     */
    public record File(String path, long size, @Nullable Checksum checksum) {
        File(String path) {
            this(path, -1, null);
        }
    }
}

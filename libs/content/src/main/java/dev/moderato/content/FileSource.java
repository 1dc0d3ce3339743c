package dev.moderato.content;

import dev.moderato.content.ContentUnavailable.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Fetches file references inside one folder. Links are followed before the path is judged. */
final class FileSource implements ContentSource {
    private final Path root;
    private final long maxBytes;

    FileSource(Path root, long maxBytes) {
        this.root = root;
        this.maxBytes = maxBytes;
    }

    @Override
    public byte[] fetch(URI uri, Room room) throws ContentUnavailable {
        try {
            Path file = Path.of(uri).toRealPath();
            if (!file.startsWith(root.toRealPath()) || !Files.isRegularFile(file)) {
                throw new ContentUnavailable(
                        Reason.REFUSED,
                        "reference " + uri + " refused: it is not a regular file inside references.file.root");
            }
            ContentSource.takeRoom(room, Math.min(Files.size(file), maxBytes), uri);
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
                if (bytes.length > maxBytes) {
                    throw new ContentUnavailable(
                            Reason.TOO_LARGE, "reference " + uri + " is larger than " + maxBytes + " bytes");
                }
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new ContentUnavailable(Reason.REFUSED, "reference " + uri + " refused: not a valid file address", e);
        } catch (NoSuchFileException e) {
            throw new ContentUnavailable(Reason.NOT_FOUND, "reference " + uri + " does not exist", e);
        } catch (IOException e) {
            throw new ContentUnavailable(
                    Reason.UNREACHABLE, "reference " + uri + " could not be read: " + e.getMessage(), e);
        }
    }
}

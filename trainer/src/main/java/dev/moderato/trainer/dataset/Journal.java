package dev.moderato.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that was learned of images, in order, with their files: {@code journal.jsonl} and {@code images/SHA256} in one folder. Only
 * one process writes to it; what {@link #append} returned from is on the disk.
 */
public final class Journal {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    private Journal(Path folder) {
        this.folder = folder;
    }

    /** The journal in a folder, which is made where it is missing. */
    public static Journal in(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("images"));
        return new Journal(folder);
    }

    /** Where an image's file lies. */
    public Path image(String sha256) {
        return folder.resolve("images").resolve(sha256);
    }

    /** Stores an image's file, and gives its name. */
    public String store(byte[] image) throws IOException {
        String sha256 = Sha256.of(image);
        Path file = image(sha256);
        if (!Files.exists(file)) {
            Path draft = file.resolveSibling(sha256 + ".part");
            Files.write(draft, image);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return sha256;
    }

    /** Adds entries at the end, and deletes the files of images that no entry but erased ones names any more. */
    public void append(List<? extends Entry> entries) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Entry entry : entries) {
            lines.append(JSON.writeValueAsString(entry)).append('\n');
        }
        try (FileChannel channel = FileChannel.open(
                file(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.position(endOfWholeLines(channel));
            ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.truncate(channel.position());
            channel.force(true);
        }
        if (entries.stream().anyMatch(Entry.Erased.class::isInstance)) {
            deleteErased();
        }
    }

    /** A line that a crash cut short is written over. */
    private static long endOfWholeLines(FileChannel channel) throws IOException {
        long end = channel.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
            end--;
        }
        return 0;
    }

    private void deleteErased() throws IOException {
        List<Entry> all = all();
        Set<String> erased = erased(all);
        Set<String> kept = new HashSet<>();
        Set<String> doomed = new HashSet<>();
        for (Entry entry : all) {
            String sha256 = entry instanceof Entry.Flag flag
                    ? flag.sha256()
                    : entry instanceof Entry.Replay replay ? replay.sha256() : null;
            if (sha256 != null) {
                (erased.contains(entry.id()) ? doomed : kept).add(sha256);
            }
        }
        doomed.removeAll(kept);
        for (String sha256 : doomed) {
            Files.deleteIfExists(image(sha256));
        }
    }

    /** The ids of images that must be forgotten. */
    public Set<String> erased() throws IOException {
        return erased(all());
    }

    /** The ids that must not occur in a set. */
    static Set<String> erased(List<Entry> entries) {
        Set<String> erased = new HashSet<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Erased) {
                erased.add(entry.id());
            }
        }
        return erased;
    }

    /** All entries, the oldest first. */
    public List<Entry> all() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.exists(file())) {
            return entries;
        }
        List<String> lines = Files.readAllLines(file());
        for (int i = 0; i < lines.size(); i++) {
            try {
                entries.add(JSON.readValue(lines.get(i), Entry.class));
            } catch (JsonProcessingException e) {
                if (i + 1 < lines.size()) {
                    throw new IOException(
                            file() + ":" + (i + 1) + ": is not an entry; the file was changed by hand", e);
                }
                // The last line of a crash: it was never acknowledged.
            }
        }
        return entries;
    }

    private Path file() {
        return folder.resolve("journal.jsonl");
    }
}

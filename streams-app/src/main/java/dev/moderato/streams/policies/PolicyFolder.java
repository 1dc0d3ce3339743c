package dev.moderato.streams.policies;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of prompt files, looked at again and again: that sees a save in place, a rename over the file, and the swapped
 * symbolic links of a mounted ConfigMap alike. A change counts once the whole folder has been quiet for a while, or has
 * been changing for several times as long: somebody who saves all the time is heard too.
 */
final class PolicyFolder {
    /** Told apart without reading a file: what it really is, when it changed, how long it is. */
    private record Stamp(String realPath, FileTime modified, long size, String fileKey) {}

    /** kustomize's own file, which lies beside the policies. */
    private static final Set<String> IGNORED = Set.of("kustomization.yaml", "kustomization.yml");

    private static final int PATIENCE = 5;

    private final Path folder;
    private final long quietNanos;
    private Map<String, Stamp> seen = Map.of();
    private long firstChange;
    private long lastChange;
    private boolean pending = true;

    PolicyFolder(Path folder, long quietNanos) {
        this.folder = folder;
        this.quietNanos = quietNanos;
        this.firstChange = System.nanoTime() - PATIENCE * quietNanos; // what is there at the start is read at once
        this.lastChange = firstChange;
    }

    Path path() {
        return folder;
    }

    /** Whether something changed since the last time that this was true, and all is quiet again. */
    boolean changed() throws IOException {
        Map<String, Stamp> now = stamps();
        long time = System.nanoTime();
        if (!now.equals(seen)) {
            seen = now;
            firstChange = pending ? firstChange : time;
            lastChange = time;
            pending = true;
        }
        boolean due = time - lastChange >= quietNanos || time - firstChange >= PATIENCE * quietNanos;
        if (pending && due) {
            pending = false;
            return true;
        }
        return false;
    }

    /**
     * Every policy file's text by the file's name.
     *
     * @throws IOException where the folder or a file cannot be read, for example in the midst of a swap
     */
    Map<String, String> read() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (Path file : policyFiles()) {
            texts.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.UTF_8));
        }
        return texts;
    }

    private Map<String, Stamp> stamps() throws IOException {
        Map<String, Stamp> stamps = new HashMap<>();
        for (Path file : policyFiles()) {
            stamp(file, stamps);
        }
        Path templates = folder.resolve("templates");
        if (Files.isDirectory(templates)) {
            for (Path file : yamlFiles(templates)) {
                stamp(file, stamps);
            }
        }
        return stamps;
    }

    private static void stamp(Path file, Map<String, Stamp> stamps) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            stamps.put(
                    file.toString(),
                    new Stamp(
                            file.toRealPath().toString(),
                            attributes.lastModifiedTime(),
                            attributes.size(),
                            String.valueOf(attributes.fileKey())));
        } catch (NoSuchFileException e) {
            // gone between listing and looking: the next look tells
        }
    }

    private List<Path> policyFiles() throws IOException {
        return yamlFiles(folder).stream()
                .filter(file -> !IGNORED.contains(file.getFileName().toString()))
                .toList();
    }

    private static List<Path> yamlFiles(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return (name.endsWith(".yaml") || name.endsWith(".yml"))
                                && !name.startsWith(".")
                                && Files.isRegularFile(file);
                    })
                    .sorted()
                    .toList();
        }
    }
}

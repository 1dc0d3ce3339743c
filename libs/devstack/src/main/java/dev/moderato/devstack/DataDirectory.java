package dev.moderato.devstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where one embedded broker keeps its data, held by a lock file for as long as the broker runs. The operating system
 * drops the lock of a killed process. A temporary one is deleted on close.
 */
final class DataDirectory implements AutoCloseable {
    /** Also the mark by which a directory is known to be ours. */
    private static final String LOCK = ".moderato-devstack";

    private final Path root;
    private final boolean temporary;
    private final FileChannel channel;

    private DataDirectory(Path root, boolean temporary, FileChannel channel) {
        this.root = root;
        this.temporary = temporary;
        this.channel = channel;
    }

    static DataDirectory open(@Nullable Path wanted) throws DevStackException {
        try {
            if (wanted == null) {
                return lock(Files.createTempDirectory("moderato-devstack-"), true);
            }
            Path root = wanted.toAbsolutePath().normalize();
            if (Files.exists(root) && !Files.isDirectory(root)) {
                throw new DevStackException("The data directory " + root + " is a file: name a directory.");
            }
            Files.createDirectories(root);
            if (!Files.exists(root.resolve(LOCK))) {
                refuseForeignFiles(root);
            }
            return lock(root, false);
        } catch (IOException e) {
            throw new DevStackException(
                    "The data directory " + (wanted == null ? "in the temporary folder" : wanted) + " cannot be used ("
                            + e + "): choose one that this user may write to.",
                    e);
        }
    }

    private static void refuseForeignFiles(Path root) throws IOException, DevStackException {
        try (Stream<Path> files = Files.list(root)) {
            Optional<Path> foreign = files.sorted().findFirst();
            if (foreign.isPresent()) {
                throw new DevStackException("The data directory " + root + " holds other files ("
                        + foreign.get().getFileName()
                        + "): choose an empty directory, or one that an earlier start has made.");
            }
        }
    }

    private static DataDirectory lock(Path root, boolean temporary) throws IOException, DevStackException {
        FileChannel channel = FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DataDirectory(root, temporary, channel);
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process: the same answer as if another held it
        }
        channel.close();
        throw new DevStackException("The data directory " + root
                + " is in use by another embedded stack: stop that one, or choose another directory.");
    }

    Path broker() {
        return root.resolve("broker");
    }

    Path root() {
        return root;
    }

    @Override
    public void close() {
        try {
            channel.close();
            if (temporary) {
                delete(root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot give back " + root, e);
        }
    }

    private static void delete(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

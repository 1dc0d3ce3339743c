package dev.moderato.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;

/** Puts a text in place of the one that a file holds: whoever reads it meanwhile finds the one or the other, whole. */
public final class FileRewrite {
    private FileRewrite() {}

    /**
     * Replaces the file's text; its permissions stay, and so does a link that leads to it. Where the folder takes no other file, as with a
     * single file that is mounted into a container, it is written in place. Where the disk is full, the file stays as it is.
     *
     * @param before what the file held when it was read
     * @throws CommandFailed where it cannot be written, or holds something else by now
     */
    public static void replace(Path path, String before, String after) {
        try {
            Path file = path.toRealPath();
            if (!Files.readString(file).equals(before)) {
                throw CommandFailed.because(path + " was changed while this ran, and is left as it is: run it again");
            }
            Path draft = file.resolveSibling("." + file.getFileName() + ".part");
            boolean drafted = false;
            try {
                write(draft, after, file);
                drafted = true;
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                boolean cut = !drafted && Files.isRegularFile(draft);
                discard(draft);
                if (cut) { // a full disk would cut the file itself, too
                    throw e;
                }
                Files.writeString(file, after); // the folder is not ours, or the file is a mount of its own
            }
        } catch (IOException e) {
            throw CommandFailed.because(
                    "cannot write " + path + ": " + IoReason.of(e)
                            + ". Where it is mounted read-only, change the file that it comes from instead (k8s: prompts/)",
                    e);
        }
    }

    private static void write(Path draft, String text, Path like) throws IOException {
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        if (Files.getFileAttributeView(draft, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(draft, Files.getPosixFilePermissions(like));
        }
    }

    private static void discard(Path draft) throws IOException {
        if (Files.isRegularFile(draft)) {
            Files.delete(draft);
        }
    }
}

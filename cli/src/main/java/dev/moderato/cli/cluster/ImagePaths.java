package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What people name when they mean images. */
public final class ImagePaths {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "jpe", "png", "apng", "webp", "gif", "bmp");
    private static final Pattern ADDRESS = Pattern.compile("(?i)(https?|s3|file):.*");

    private ImagePaths() {}

    static boolean isAddress(String named) {
        return ADDRESS.matcher(named).matches();
    }

    /**
     * Files and addresses as they are, folders as the image files in and below them, in order.
     *
     * @throws CommandFailed (wrong usage) where a path does not exist, or a folder holds no image
     */
    public static List<String> expand(List<String> named) {
        List<String> all = new ArrayList<>();
        for (String one : named) {
            if (isAddress(one)) {
                all.add(one);
                continue;
            }
            Path path = path(one);
            if (Files.isDirectory(path)) {
                all.addAll(inFolder(path));
            } else if (Files.isReadable(path)) {
                all.add(one);
            } else {
                throw CommandFailed.wrongUsage(
                        Files.exists(path)
                                ? "cannot read " + one + ": permission denied"
                                : "no such file or folder: " + one);
            }
        }
        return all;
    }

    /**
     * As {@link #expand}, for commands that read files alone.
     *
     * @throws CommandFailed (wrong usage) also where an address is named
     */
    public static List<String> files(List<String> named) {
        for (String one : named) {
            if (isAddress(one)) {
                throw CommandFailed.wrongUsage(one + " is an address: this command reads files, download it first");
            }
        }
        return expand(named);
    }

    private static Path path(String named) {
        try {
            return Path.of(named);
        } catch (InvalidPathException e) {
            throw CommandFailed.wrongUsage("not a path: " + e.getMessage());
        }
    }

    private static List<String> inFolder(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<String> images = files.filter(Files::isRegularFile)
                    .filter(ImagePaths::looksLikeAnImage)
                    .map(Path::toString)
                    .sorted()
                    .toList();
            if (images.isEmpty()) {
                throw CommandFailed.wrongUsage("no images in " + folder + ": there is no file ending in "
                        + String.join(", ", ENDINGS.stream().sorted().toList()));
            }
            return images;
        } catch (IOException e) {
            throw CommandFailed.because("cannot list " + folder + ": " + IoReason.of(e), e);
        }
    }

    private static boolean looksLikeAnImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }
}

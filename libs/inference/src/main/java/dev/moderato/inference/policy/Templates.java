package dev.moderato.inference.policy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the template lists are that policies call by name. */
public interface Templates {
    /**
     * A list as it was written.
     *
     * @param file its name for messages
     */
    record Source(String file, String text) {}

    /** The list of this name, or null where there is none. */
    @Nullable
    Source find(String name);

    /** The names that exist, for suggestions. */
    List<String> names();

    /** No list at all: for policies that carry their templates, as published ones do. */
    static Templates none() {
        return new Templates() {
            @Override
            public @Nullable Source find(String name) {
                return null;
            }

            @Override
            public List<String> names() {
                return List.of();
            }
        };
    }

    /** The files {@code NAME.yaml} in a folder, usually {@code templates} beside the policy; it need not exist. */
    static Templates inFolder(Path folder) {
        return new Templates() {
            @Override
            public @Nullable Source find(String name) {
                Path file = folder.resolve(name + ".yaml");
                try {
                    return Files.isRegularFile(file)
                            ? new Source(file.toString(), Files.readString(file, StandardCharsets.UTF_8))
                            : null;
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot read the templates " + file, e);
                }
            }

            @Override
            public List<String> names() {
                if (!Files.isDirectory(folder)) {
                    return List.of();
                }
                try (Stream<Path> files = Files.list(folder)) {
                    return files.map(file -> file.getFileName().toString())
                            .filter(file -> file.endsWith(".yaml"))
                            .map(file -> file.substring(0, file.length() - ".yaml".length()))
                            .sorted()
                            .toList();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot list the templates in " + folder, e);
                }
            }
        };
    }
}

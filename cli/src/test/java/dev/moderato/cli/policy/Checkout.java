package dev.moderato.cli.policy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder that holds the reactor, wherever the tests are started. */
final class Checkout {
    private Checkout() {}

    static Path root() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .filter(folder -> Files.isDirectory(folder.resolve("prompts")))
                .findFirst()
                .orElseThrow();
    }

    static Path demoModel() {
        return root().resolve("models/demo");
    }
}

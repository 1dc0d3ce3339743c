package dev.moderato.cli.model;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Reference results beside the checkout; tests that need them are skipped where they are not. */
public final class SharedFiles {
    private SharedFiles() {}

    public static Path golden(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isRegularFile(root.resolve("moderato"))) {
            root = root.getParent();
        }
        Path golden =
                root == null ? Path.of(name) : root.resolve("../shared/golden").normalize();
        Assumptions.assumeTrue(Files.isDirectory(golden), () -> "skipped: there are no reference results at " + golden);
        return golden.resolve(name);
    }

    public static Path tinyClip() {
        return golden("models/tiny-clip-hf");
    }
}

package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.scratch.ArchitectureException;
import dev.moderato.trainer.scratch.ScratchModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The bundle that is measured: one on disk, or one of random weights that lasts as long as the measurement. */
record BenchBundle(ModelBundle bundle, @Nullable Path temporary) implements AutoCloseable {
    /** @param chosen a bundle or random weights */
    static BenchBundle open(BenchEncoder chosen) throws BundleException {
        if (chosen instanceof BenchEncoder.Bundle known) {
            return new BenchBundle(known.bundle(), null);
        }
        if (!(chosen instanceof BenchEncoder.Random random)) {
            throw new IllegalArgumentException(chosen + " has no bundle");
        }
        try {
            Path folder = Files.createTempDirectory("moderato-bench-");
            return new BenchBundle(ScratchModel.writeRandom(random.architecture(), folder.resolve("bundle")), folder);
        } catch (ArchitectureException e) {
            throw CommandFailed.wrongUsage("--encoder: " + e.getMessage());
        } catch (IOException e) {
            throw CommandFailed.because("cannot write random weights: " + IoReason.of(e), e);
        }
    }

    @Override
    public void close() {
        if (temporary == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw CommandFailed.because("cannot delete " + temporary + ": " + IoReason.of(e), e);
        }
    }
}

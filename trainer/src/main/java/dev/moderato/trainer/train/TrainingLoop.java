package dev.moderato.trainer.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a trainer through all its steps, and keeps a checkpoint from which the same run goes on when it was killed.
 *
 * @param checkpoint the file; gone on with where it exists
 * @param run what makes this run this run (towers, recipe, data): a checkpoint of another is refused
 * @param every the time between checkpoints; zero writes one after each step
 */
public record TrainingLoop(Path checkpoint, String run, Duration every) {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    /** Where batches come from. A step's batches depend on its number alone, so that a resumed run sees what it would have seen. */
    @FunctionalInterface
    public interface Batches {
        /** The micro-batches of a step, at least one. */
        List<Batch> of(long step) throws IOException;
    }

    /** Hears of the run as it goes. */
    public interface Listener {
        /** The run is about to do its first step, or the one it goes on with. */
        void started(long step, long steps);

        /** A step is done. */
        void step(StepReport report);
    }

    /**
     * Runs to the end.
     *
     * @throws IOException where a checkpoint cannot be written, or the one that is there is damaged or of another run
     * @throws TrainingException where a loss is not a finite number
     */
    public void run(ContrastiveTrainer trainer, long steps, Batches batches, Listener listener) throws IOException {
        if (Files.exists(checkpoint)) {
            trainer.resume(checkpoint, run);
            LOG.info("going on from step {} of {}", trainer.step(), steps);
        }
        listener.started(trainer.step(), steps);
        long saved = System.nanoTime();
        while (trainer.step() < steps) {
            listener.step(trainer.step(batches.of(trainer.step())));
            if (System.nanoTime() - saved >= every.toNanos()) {
                save(trainer);
                saved = System.nanoTime();
            }
        }
    }

    private void save(ContrastiveTrainer trainer) throws IOException {
        try {
            Files.createDirectories(
                    Objects.requireNonNull(checkpoint.toAbsolutePath().getParent()));
            trainer.checkpoint(checkpoint, run);
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the checkpoint " + checkpoint + ": " + e.getMessage()
                            + "; make room and give the same"
                            + " command again: the run goes on from its last checkpoint",
                    e);
        }
    }
}

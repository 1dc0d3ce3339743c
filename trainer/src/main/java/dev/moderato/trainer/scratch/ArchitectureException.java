package dev.moderato.trainer.scratch;

/** An architecture file that says nothing that can be built; the message names file, line, key and what to write. */
public final class ArchitectureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ArchitectureException(String message) {
        super(message);
    }
}

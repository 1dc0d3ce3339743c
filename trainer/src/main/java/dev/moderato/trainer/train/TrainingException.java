package dev.moderato.trainer.train;

/** A run that had to stop; nothing was published. The message says at which step and why. */
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TrainingException(String message) {
        super(message);
    }

    TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}

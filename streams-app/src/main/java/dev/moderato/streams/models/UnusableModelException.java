package dev.moderato.streams.models;

/** A model bundle that cannot be put into service. */
public final class UnusableModelException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnusableModelException(String message) {
        super(message);
    }

    public UnusableModelException(String message, Throwable cause) {
        super(message, cause);
    }
}

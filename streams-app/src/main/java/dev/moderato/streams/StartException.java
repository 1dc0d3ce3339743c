package dev.moderato.streams;

/** The service cannot start; the message says what, where and what to do, in one line. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }

    StartException(String message) {
        super(message);
    }
}

package dev.moderato.devstack;

import org.jspecify.annotations.Nullable;

/** The embedded stack cannot run here. The message says what is in the way, where, and what to do. */
public final class DevStackException extends Exception {
    private static final long serialVersionUID = 1L;

    DevStackException(String message) {
        super(message);
    }

    DevStackException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package dev.moderato.trainer.train;

/** A graph that cannot be trained as it stands; the message names the file or node, what is wrong and what to do. */
public final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    GraphException(String message) {
        super(message);
    }

    GraphException(String message, Throwable cause) {
        super(message, cause);
    }
}

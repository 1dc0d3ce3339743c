package dev.moderato.trainer.pairs;

/** Why a set of pairs cannot be trained on, or a run could not be finished; the message says where and what to do. */
public final class PairsException extends Exception {
    private static final long serialVersionUID = 1;

    public PairsException(String message) {
        super(message);
    }

    PairsException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.moderato.inference.clip;

import org.jspecify.annotations.Nullable;

/** A run of an encoder that failed as a whole: the batch has no embeddings. */
public final class EncoderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller may try next. */
    public enum Kind {
        /** The device's memory did not suffice: a smaller batch may pass. */
        OUT_OF_MEMORY,
        /** The run failed on this input; another batch may pass. */
        FAILED,
        /** The session is unusable: it has to be opened anew. */
        SESSION_LOST
    }

    private final Kind kind;

    public EncoderException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

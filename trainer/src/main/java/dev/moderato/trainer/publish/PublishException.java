package dev.moderato.trainer.publish;

import org.jspecify.annotations.Nullable;

/** Why a bundle was not announced; what is active is as it was. */
public final class PublishException extends Exception {
    private static final long serialVersionUID = 1;

    public PublishException(String message) {
        this(message, null);
    }

    public PublishException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

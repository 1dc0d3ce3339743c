package dev.moderato.inference.clip;

import org.jspecify.annotations.Nullable;

/** A model bundle that cannot be used, or model files that cannot become one. The message names the file, and what to do. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package dev.moderato.bundles;

import org.jspecify.annotations.Nullable;

/** Why a bundle could not be brought to where others find it, or had from there. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean mayPass;

    StoreException(String message, boolean mayPass, @Nullable Throwable cause) {
        super(message, cause);
        this.mayPass = mayPass;
    }

    /** Whether another try may end otherwise: the store was not reached, or did not let in; the bundle itself is not what is wrong. */
    public boolean mayPass() {
        return mayPass;
    }
}

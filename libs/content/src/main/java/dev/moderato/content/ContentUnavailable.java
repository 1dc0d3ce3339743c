package dev.moderato.content;

import org.jspecify.annotations.Nullable;

/** A referenced image whose bytes could not be had. */
public final class ContentUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why, as a closed set. */
    public enum Reason {
        /** The rules forbid this reference: its scheme, host, port, address or path. Trying again is useless. */
        REFUSED,
        /** The server says that there is no such image. */
        NOT_FOUND,
        /** There are more bytes than allowed. */
        TOO_LARGE,
        /** The bytes are not those that the event announced. */
        CHECKSUM_MISMATCH,
        /** The server could not be reached in time, or failed, as often as it was tried. */
        UNREACHABLE
    }

    private final Reason reason;

    ContentUnavailable(Reason reason, String detail) {
        this(reason, detail, null);
    }

    ContentUnavailable(Reason reason, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}

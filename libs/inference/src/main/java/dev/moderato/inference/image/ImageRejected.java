package dev.moderato.inference.image;

/** An image that cannot or may not be prepared. It is a finding about the data, not a fault of the program. */
public final class ImageRejected extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why, as a closed list: counted, reported and acted upon. */
    public enum Reason {
        /** No bytes at all. */
        EMPTY,
        /** Text, HTML, SVG, or anything else that is not one of the formats, whatever its name or content type says. */
        NOT_AN_IMAGE,
        /** An image of a format, or of a variant of a format, that is not read. */
        UNSUPPORTED,
        /** The file ends before its image does. */
        TRUNCATED,
        /** The file breaks the rules of its format. */
        CORRUPT,
        /** More bytes than allowed. */
        TOO_MANY_BYTES,
        /** More pixels, or a longer side, than allowed. */
        TOO_MANY_PIXELS,
        /** More frames than allowed. */
        TOO_MANY_FRAMES,
        /** More metadata than allowed. */
        TOO_MUCH_METADATA,
        /** The memory budget had no room in time: the same image may pass later. */
        NO_MEMORY
    }

    private final Reason reason;
    private final String detail;

    public ImageRejected(Reason reason, String detail) {
        super(reason + ": " + detail, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }

    public Reason reason() {
        return reason;
    }

    /** What was found and where, in one line. */
    public String detail() {
        return detail;
    }
}

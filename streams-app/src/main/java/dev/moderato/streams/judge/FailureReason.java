package dev.moderato.streams.judge;

import dev.moderato.content.ContentUnavailable;
import dev.moderato.inference.image.ImageRejected;

/** Why an image event gets no verdict: the same closed list, by the same names, as on the failures topic. */
public enum FailureReason {
    EMPTY,
    NOT_AN_IMAGE,
    UNSUPPORTED,
    TRUNCATED,
    CORRUPT,
    TOO_MANY_BYTES,
    TOO_MANY_PIXELS,
    TOO_MANY_FRAMES,
    TOO_MUCH_METADATA,
    NO_MEMORY,
    REFERENCE_REFUSED,
    REFERENCE_UNAVAILABLE,
    CHECKSUM_MISMATCH,
    UNKNOWN_POLICY,
    UNKNOWN_SURFACE,
    BLANK_ID,
    ID_CONFLICT,
    ENCODER_FAILED;

    static FailureReason of(ImageRejected.Reason rejected) {
        return switch (rejected) {
            case EMPTY -> EMPTY;
            case NOT_AN_IMAGE -> NOT_AN_IMAGE;
            case UNSUPPORTED -> UNSUPPORTED;
            case TRUNCATED -> TRUNCATED;
            case CORRUPT -> CORRUPT;
            case TOO_MANY_BYTES -> TOO_MANY_BYTES;
            case TOO_MANY_PIXELS -> TOO_MANY_PIXELS;
            case TOO_MANY_FRAMES -> TOO_MANY_FRAMES;
            case TOO_MUCH_METADATA -> TOO_MUCH_METADATA;
            case NO_MEMORY -> NO_MEMORY;
        };
    }

    static FailureReason of(ContentUnavailable.Reason unavailable) {
        return switch (unavailable) {
            case REFUSED -> REFERENCE_REFUSED;
            case NOT_FOUND, UNREACHABLE -> REFERENCE_UNAVAILABLE;
            case TOO_LARGE -> TOO_MANY_BYTES;
            case CHECKSUM_MISMATCH -> CHECKSUM_MISMATCH;
        };
    }
}

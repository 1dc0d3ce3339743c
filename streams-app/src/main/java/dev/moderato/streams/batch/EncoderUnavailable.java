package dev.moderato.streams.batch;

/** No image can be encoded: nothing may be committed until one can. */
public final class EncoderUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EncoderUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.moderato.onnx;

import java.io.IOException;

/** A file that is not the ONNX that it should be. The message names the file, what is wrong, and where. */
public final class OnnxFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public OnnxFormatException(String message) {
        super(message);
    }

    public OnnxFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}

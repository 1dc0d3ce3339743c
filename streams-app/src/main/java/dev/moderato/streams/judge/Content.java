package dev.moderato.streams.judge;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where an image's bytes are. */
public sealed interface Content {
    /** In the event itself. */
    record Inline(ByteBuffer bytes) implements Content {
        /** The bytes, copied only where the buffer is a part of something larger. */
        byte[] toBytes() {
            if (bytes.hasArray() && bytes.arrayOffset() == 0 && bytes.remaining() == bytes.array().length) {
                return bytes.array();
            }
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        }
    }

    /**
     * Elsewhere.
     *
     * @param sha256 what the bytes must hash to; null where anything goes
     */
    record Reference(String uri, @Nullable String sha256) implements Content {}
}

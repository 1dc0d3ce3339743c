package dev.moderato.streams.batch;

import dev.moderato.inference.clip.ImageEncoder;

/** An encoder that can be opened anew. */
public interface EncoderSession extends AutoCloseable {
    ImageEncoder encoder();

    /**
     * Closes what is open and opens it again.
     *
     * @throws RuntimeException where it cannot be opened
     */
    void reopen();

    @Override
    void close();
}

package dev.moderato.content;

import java.net.URI;

/** Fetches what URIs of one kind refer to. */
interface ContentSource extends AutoCloseable {
    /**
     * All bytes behind the URI.
     *
     * @throws ContentUnavailable with the reason; the message names the URI without its query, which may hold a secret
     */
    byte[] fetch(URI uri) throws ContentUnavailable;

    @Override
    default void close() {}
}

package dev.moderato.content;

import java.net.URI;

/** Fetches what URIs of one kind refer to. */
interface ContentSource extends AutoCloseable {
    /** The bytes are held twice while they are gathered into one array. */
    static void takeRoom(Room room, long bytes, URI uri) throws ContentUnavailable {
        try {
            room.take(2 * bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContentUnavailable(
                    ContentUnavailable.Reason.UNREACHABLE, "interrupted while fetching " + References.shown(uri), e);
        }
    }

    /**
     * All bytes behind the URI.
     *
     * @param room asked for before the bytes are read; the wait for it is not the image's fault
     * @throws ContentUnavailable with the reason; the message names the URI without its query, which may hold a secret
     */
    byte[] fetch(URI uri, Room room) throws ContentUnavailable;

    @Override
    default void close() {}
}

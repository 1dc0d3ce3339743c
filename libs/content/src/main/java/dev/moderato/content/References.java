package dev.moderato.content;

import java.net.URI;

/** How a reference is written in messages. */
final class References {
    private References() {}

    /** The URI without user and query: both may hold a secret (signed URLs do). */
    static String shown(URI uri) {
        String host = uri.getHost() == null ? "" : uri.getHost();
        String port = uri.getPort() == -1 ? "" : ":" + uri.getPort();
        String path = uri.getPath() == null ? "" : uri.getPath();
        return uri.getScheme() + "://" + host + port + path + (uri.getQuery() == null ? "" : "?…");
    }
}

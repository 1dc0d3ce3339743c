package dev.moderato.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a hub answered, after its redirects. */
final class HubAnswer implements AutoCloseable {
    private static final int MOST_REDIRECTS = 5;

    private final HttpURLConnection connection;
    private final int status;
    private final @Nullable Checksum linked;

    private HubAnswer(HttpURLConnection connection, int status, @Nullable Checksum linked) {
        this.connection = connection;
        this.status = status;
        this.linked = linked;
    }

    /**
     * Asks for an address.
     *
     * @param from the first byte that is wanted
     * @throws IOException where no answer comes, or redirects lead nowhere
     */
    static HubAnswer get(URI address, long from, HubSettings settings) throws IOException {
        URI at = address;
        Checksum linked = null;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpURLConnection connection = open(at.toURL(), from, settings);
            int status = connection.getResponseCode();
            // a hub tells a file's own checksum before it sends to where the bytes are
            Checksum tag = Checksum.parse(connection.getHeaderField("X-Linked-ETag"));
            linked = linked == null ? tag : linked;
            if (status < 301 || status > 308 || status == 304) {
                return new HubAnswer(
                        connection,
                        status,
                        linked == null ? Checksum.parse(connection.getHeaderField("ETag")) : linked);
            }
            at = next(at, connection.getHeaderField("Location"));
            connection.disconnect();
        }
        throw new IOException(address + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private static HttpURLConnection open(URL address, long from, HubSettings settings) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(Math.toIntExact(settings.timeout().toMillis()));
        connection.setReadTimeout(Math.toIntExact(settings.timeout().toMillis()));
        connection.setRequestProperty("User-Agent", "moderato");
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        return connection;
    }

    private static URI next(URI from, @Nullable String location) throws IOException {
        if (location == null) {
            throw new IOException(from + " redirects without saying where to");
        }
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException(from + " redirects to '" + location + "', which is no address", e);
        }
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        boolean safe = scheme.equals("https") || (scheme.equals("http") && "http".equalsIgnoreCase(from.getScheme()));
        if (!safe || to.getHost() == null) {
            throw new IOException(from + " redirects to " + to + ", which is not https");
        }
        return to;
    }

    int status() {
        return status;
    }

    @Nullable
    String header(String name) {
        return connection.getHeaderField(name);
    }

    /** The checksum of the whole file, as the hub or the place that it sends to tells it. */
    @Nullable
    Checksum checksum() {
        return linked;
    }

    /** Bytes of this answer; -1 where it does not say. */
    long length() {
        return connection.getContentLengthLong();
    }

    /** Whether the server may answer the same question otherwise a little later. */
    boolean isTemporary() {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }

    InputStream body() throws IOException {
        return connection.getInputStream();
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}

package dev.moderato.cli.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Which hub, and how patient to be with it.
 *
 * @param address its root, without a slash at the end: https, or http on this machine
 * @param attempts tries in a row that bring no byte before a download is given up, at least 1
 * @param pause the longest wait before the second try; it doubles with every further one, up to 20 s
 * @param timeout for a connection and for silence within one
 */
public record HubSettings(URI address, int attempts, Duration pause, Duration timeout) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    public HubSettings {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts is " + attempts);
        }
    }

    /**
     * Five tries from half a second on, 30 s of silence.
     *
     * @throws IllegalArgumentException saying what the address must be
     */
    public static HubSettings at(String address) {
        return new HubSettings(parse(address), 5, Duration.ofMillis(500), Duration.ofSeconds(30));
    }

    private static URI parse(String address) {
        try {
            URI uri = new URI(address.replaceAll("/+$", ""));
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
            if (uri.getHost() != null
                    && (scheme.equals("https") || (scheme.equals("http") && LOOPBACK.contains(host)))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "the hub's address '" + address + "' must be https://HOST (http:// only for this machine)");
    }
}

package dev.moderato.content;

import java.net.URI;
import java.util.List;
import java.util.Locale;

/** Which hosts and ports an http or https URI may name. */
final class HostRules {
    private final List<String> patterns;

    HostRules(List<String> patterns) {
        this.patterns = patterns.stream()
                .map(pattern -> pattern.toLowerCase(Locale.ROOT))
                .toList();
    }

    /** @throws ContentUnavailable REFUSED, with what is wrong */
    void check(URI uri) throws ContentUnavailable {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw refused(uri, "scheme " + scheme + " is not allowed here");
        }
        if (uri.getHost() == null) {
            throw refused(uri, "it names no host");
        }
        if (uri.getUserInfo() != null) {
            throw refused(uri, "a user name in it is not allowed");
        }
        int standard = scheme.equals("https") ? 443 : 80;
        int port = uri.getPort() == -1 ? standard : uri.getPort();
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (patterns.stream().noneMatch(pattern -> allows(pattern, host, port, standard))) {
            throw refused(uri, "host " + host + (port == standard ? "" : ":" + port) + " is not in references.hosts");
        }
    }

    private static boolean allows(String pattern, String host, int port, int standard) {
        int colon = pattern.lastIndexOf(':');
        boolean withPort = colon > 0 && pattern.indexOf(']', colon) < 0;
        String name = withPort ? pattern.substring(0, colon) : pattern;
        String allowedPort = withPort ? pattern.substring(colon + 1) : Integer.toString(standard);
        return allowedPort.equals(Integer.toString(port))
                && (name.startsWith("*.") ? host.endsWith(name.substring(1)) : host.equals(name));
    }

    private static ContentUnavailable refused(URI uri, String why) {
        return new ContentUnavailable(
                ContentUnavailable.Reason.REFUSED, "reference " + References.shown(uri) + " refused: " + why);
    }
}

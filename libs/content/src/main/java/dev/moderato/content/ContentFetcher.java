package dev.moderato.content;

import dev.moderato.content.ContentUnavailable.Reason;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Fetches referenced images under one set of rules. Safe to share between threads: as many fetches run at a time as
 * threads call it, up to the rules' connections.
 */
public final class ContentFetcher implements AutoCloseable {
    private final Map<String, ContentSource> sources = new HashMap<>();

    private ContentFetcher(ContentRules rules, DnsResolver names) {
        if (!rules.hosts().isEmpty()) {
            HttpSource http = new HttpSource(rules, names);
            sources.put("http", http);
            sources.put("https", http);
        }
        if (rules.fileRoot() != null) {
            sources.put("file", new FileSource(rules.fileRoot(), rules.maxBytes()));
        }
        if (rules.s3() != null) {
            sources.put("s3", new S3Source(rules.s3(), rules));
        }
    }

    public static ContentFetcher create(ContentRules rules) {
        return create(rules, SystemDefaultDnsResolver.INSTANCE);
    }

    static ContentFetcher create(ContentRules rules, DnsResolver names) {
        return new ContentFetcher(rules, names);
    }

    /**
     * The bytes of a referenced image.
     *
     * @param sha256 the digest that they must have, in hexadecimal; null takes them as they are
     * @throws ContentUnavailable with a closed reason and a message that names the reference
     */
    public byte[] fetch(String reference, @Nullable String sha256) throws ContentUnavailable {
        return fetch(reference, sha256, Room.UNBOUNDED);
    }

    /**
     * As {@link #fetch(String, String)}, asking for room before the bytes are read.
     *
     * @param room asked for as many bytes as the image has, or as the rules allow where that is not known before
     */
    public byte[] fetch(String reference, @Nullable String sha256, Room room) throws ContentUnavailable {
        URI uri;
        try {
            uri = URI.create(reference);
        } catch (IllegalArgumentException e) {
            throw new ContentUnavailable(Reason.REFUSED, "a reference refused: it is not a valid URI", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        ContentSource source = sources.get(scheme);
        if (source == null) {
            throw new ContentUnavailable(
                    Reason.REFUSED,
                    "reference " + References.shown(uri) + " refused: "
                            + (sources.isEmpty()
                                    ? "references are not configured (references.hosts, references.s3.buckets, references.file.root)"
                                    : "scheme \"" + scheme + "\" is not among " + new TreeSet<>(sources.keySet())));
        }
        byte[] bytes = source.fetch(uri, room);
        if (sha256 != null) {
            ContentVerifier.verify(bytes, sha256, References.shown(uri));
        }
        return bytes;
    }

    @Override
    public void close() {
        sources.values().forEach(ContentSource::close);
    }
}

package dev.moderato.content;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be fetched, and for how long. The default refuses every reference.
 *
 * @param hosts hosts that http and https references may name: {@code images.example.com}, {@code *.example.com},
 *     with a port ({@code cdn.example.com:8443}) where it is not the scheme's own
 * @param networks networks in CIDR form that are allowed although they are not public, for a store of one's own:
 *     {@code 10.20.0.0/16}
 * @param maxBytes most bytes of one image
 * @param connectTimeout for a connection
 * @param readTimeout for the next bytes to come
 * @param deadline for the whole fetch, its retries included
 * @param maxRedirects most redirects that are followed; each target is held against the same rules
 * @param attempts most tries of a fetch that may pass later (no connection, 408, 429, 5xx)
 * @param connections most connections at a time
 * @param fileRoot folder that {@code file:} references may name files in; null refuses them all
 * @param s3 buckets that {@code s3:} references may name; null refuses them all
 */
public record ContentRules(
        List<String> hosts,
        List<String> networks,
        long maxBytes,
        Duration connectTimeout,
        Duration readTimeout,
        Duration deadline,
        int maxRedirects,
        int attempts,
        int connections,
        @Nullable Path fileRoot,
        @Nullable S3Rules s3) {

    /**
     * Which buckets of which store.
     *
     * @param buckets buckets that may be named
     */
    public record S3Rules(List<String> buckets, S3Access access) {
        public S3Rules {
            buckets = List.copyOf(buckets);
        }
    }

    public ContentRules {
        hosts = List.copyOf(hosts);
        networks = List.copyOf(networks);
        if (maxBytes < 1 || attempts < 1 || connections < 1 || maxRedirects < 0) {
            throw new IllegalArgumentException(
                    "maxBytes, attempts and connections are at least 1, maxRedirects at least 0");
        }
    }

    /** Refuses every reference; up to 32 MiB once hosts are added. */
    public static ContentRules refuseAll() {
        return new ContentRules(
                List.of(),
                List.of(),
                32L << 20,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                3,
                3,
                64,
                null,
                null);
    }
}

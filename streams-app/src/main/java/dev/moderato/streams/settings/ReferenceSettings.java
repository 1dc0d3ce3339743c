package dev.moderato.streams.settings;

import dev.moderato.content.ContentRules;
import dev.moderato.content.S3Access;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which referenced images are fetched. None, unless hosts, buckets or a folder are named. */
public record ReferenceSettings(ContentRules rules) {
    static ReferenceSettings read(SettingsReader in) {
        List<String> buckets =
                list(in.text("references.s3.buckets", "", "buckets that s3: references may name, separated by commas"));
        S3Access access = access(in, "references.s3.");
        return new ReferenceSettings(new ContentRules(
                list(in.text("references.hosts", "", "hosts that http(s) references may name, separated by commas")),
                list(in.text(
                        "references.networks", "", "private networks (CIDR) that are allowed, separated by commas")),
                in.bytes("references.bytes", "32 MiB", 1, 1L << 31, "largest referenced image"),
                in.time("references.connect", "2 s", ms(10), s(60), "longest wait for a connection"),
                in.time("references.read", "5 s", ms(10), s(60), "longest wait for the next bytes"),
                in.time(
                        "references.deadline",
                        "5 s",
                        ms(10),
                        s(600),
                        "longest time for one image, its retries included"),
                in.count("references.redirects", 3, 0, 20, "redirects", "most redirects that are followed"),
                in.count("references.attempts", 3, 1, 10, "attempts", "most tries of a fetch that may pass later"),
                in.count("references.connections", 64, 1, 10_000, "connections", "most connections at a time"),
                in.path("references.file.root", "folder that file: references may name files in"),
                buckets.isEmpty() ? null : new ContentRules.S3Rules(buckets, access)));
    }

    /** How an S3-compatible store is reached, from the settings under a prefix. */
    static S3Access access(SettingsReader in, String prefix) {
        return new S3Access(
                in.text(prefix + "region", "us-east-1", "region of the buckets"),
                given(in.text(prefix + "endpoint", "", "address of an S3-compatible store; empty for AWS")),
                given(in.text(prefix + "access.key", "", "access key; empty for the SDK's own chain")),
                given(in.text(prefix + "secret.key", "", "secret key; empty for the SDK's own chain")));
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static @Nullable String given(String text) {
        return text.isEmpty() ? null : text;
    }

    private static Duration ms(long amount) {
        return Duration.ofMillis(amount);
    }

    private static Duration s(long amount) {
        return Duration.ofSeconds(amount);
    }
}

package dev.moderato.bundles;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in an S3-compatible store.
 *
 * @param key of an object, or what the keys of several begin with; empty for the whole bucket
 */
public record S3Address(String bucket, String key) {
    private static final String SCHEME = "s3://";
    private static final Pattern FORM = Pattern.compile(SCHEME + "([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*?))?/*");

    /** Whether a text means such a place, well written or not. */
    public static boolean isMeant(String address) {
        return address.startsWith(SCHEME);
    }

    /** @throws IllegalArgumentException where it is not written {@code s3://bucket/folder} */
    public static S3Address parse(String address) {
        Matcher matcher = FORM.matcher(address);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + address + "' is no address like s3://bucket/folder");
        }
        return new S3Address(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2));
    }

    S3Address child(String name) {
        return new S3Address(bucket, key.isEmpty() ? name : key + "/" + name);
    }

    S3Address parent() {
        return new S3Address(bucket, key.substring(0, Math.max(0, key.lastIndexOf('/'))));
    }

    @Override
    public String toString() {
        return SCHEME + bucket + (key.isEmpty() ? "" : "/" + key);
    }
}

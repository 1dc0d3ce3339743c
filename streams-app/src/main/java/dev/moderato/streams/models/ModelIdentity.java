package dev.moderato.streams.models;

/**
 * Which encoder it is.
 *
 * @param sha256 of the bundle, lower-case hex
 * @param trained false where its verdicts mean nothing
 */
public record ModelIdentity(String id, String sha256, boolean trained) {
    @Override
    public String toString() {
        return id + "@" + sha256.substring(0, Math.min(12, sha256.length()));
    }
}

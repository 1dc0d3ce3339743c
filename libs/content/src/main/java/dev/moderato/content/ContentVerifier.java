package dev.moderato.content;

import dev.moderato.content.ContentUnavailable.Reason;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Holds an image's bytes against the digest that its event announced. */
public final class ContentVerifier {
    private ContentVerifier() {}

    /** SHA-256 of the bytes, 64 hexadecimal digits in lower case. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** @throws ContentUnavailable CHECKSUM_MISMATCH where they differ */
    public static void verify(byte[] bytes, String sha256, String reference) throws ContentUnavailable {
        String actual = sha256(bytes);
        if (!actual.equals(sha256.toLowerCase(Locale.ROOT))) {
            throw new ContentUnavailable(
                    Reason.CHECKSUM_MISMATCH,
                    "reference " + reference + " has sha256 " + actual + ", but its event announced " + sha256);
        }
    }
}

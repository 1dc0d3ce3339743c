package dev.moderato.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a hub says a file's content is: the SHA-256 of a large one, git's SHA-1 of a small one. */
record Checksum(Kind kind, String hex) {
    enum Kind {
        SHA256,
        /** Of the bytes {@code "blob <size>\0"} and the content, as git names an object. */
        GIT
    }

    /** Reads a checksum or an entity tag that is one; null where it is none. */
    static @Nullable Checksum parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String hex = text.strip().replaceAll("^W/", "").replace("\"", "").toLowerCase(Locale.ROOT);
        if (hex.matches("[0-9a-f]{64}")) {
            return new Checksum(Kind.SHA256, hex);
        }
        return hex.matches("[0-9a-f]{40}") ? new Checksum(Kind.GIT, hex) : null;
    }

    /** The same kind of checksum of a file on disk. */
    Checksum of(Path file) throws IOException {
        MessageDigest digest = digest(kind == Kind.GIT ? "SHA-1" : "SHA-256");
        if (kind == Kind.GIT) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    @Override
    public String toString() {
        return (kind == Kind.GIT ? "git sha1 " : "sha256 ") + hex;
    }
}

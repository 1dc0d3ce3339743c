package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.ModelBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** Where a run keeps what it needs until it is done: a hidden folder beside the new bundle. */
public final class Workplace {
    private Workplace() {}

    /** The folder for a bundle that is to be written to {@code out}. */
    public static Path of(Path out) {
        Path absolute = out.toAbsolutePath().normalize();
        return absolute.resolveSibling("." + absolute.getFileName() + ".training");
    }

    /** @throws PairsException where something lies in the folder that a bundle is to be written to */
    public static void requireFree(Path out) throws PairsException, IOException {
        if (Files.exists(out)) {
            try (var files = Files.list(out)) {
                if (files.findAny().isPresent()) {
                    throw new PairsException(out + ": is not empty; name another folder with --out");
                }
            }
        }
    }

    /** The same for the same pairs, bundle and recipe. */
    static String fingerprint(PairTraining.Request request, ModelBundle bundle) throws IOException {
        return fingerprint(
                Files.readAllBytes(request.pairs()),
                bundle.sha256().getBytes(StandardCharsets.UTF_8),
                request.recipe().toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The SHA-256 of all parts together. */
    public static String fingerprint(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Deletes a folder and all that is in it; one that is not there is deleted already. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> files;
            try (var walk = Files.walk(folder)) {
                files = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}

package dev.moderato.inference.clip;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * A detached Ed25519 signature over {@code bundle.json}, which holds the sha256 of every other file: so it covers all of the
 * bundle. It lies beside it as {@code bundle.json.sig}, the 64 bytes that
 * {@code openssl pkeyutl -sign -rawin -inkey private.pem -in bundle.json -out bundle.json.sig} writes.
 */
public final class BundleSignature {
    static final String FILE = BundleJson.FILE + ".sig";
    private static final String ALGORITHM = "Ed25519";

    private BundleSignature() {}

    /**
     * Reads the key that signatures are held against.
     *
     * @param pem as {@code openssl pkey -pubout} writes it
     * @throws IllegalArgumentException where the file holds no Ed25519 public key
     */
    public static PublicKey key(Path pem) {
        try {
            String text = Files.readString(pem, StandardCharsets.US_ASCII).replaceAll("-----[^-]+-----|\\s", "");
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(text)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(pem + " holds no Ed25519 public key in PEM form (" + e + ")", e);
        }
    }

    /**
     * Makes sure that the holder of the private key signed this bundle.
     *
     * @throws BundleException where it is unsigned, or signed by another key or for other content
     */
    public static void verify(Path folder, PublicKey key) throws BundleException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new BundleException(
                    folder + " is not signed: it has no " + FILE + ", and signatures are required here");
        }
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(Files.readAllBytes(folder.resolve(BundleJson.FILE)));
            if (signature.verify(Files.readAllBytes(file))) {
                return;
            }
            throw new BundleException(file + " was made by another key, or for another " + BundleJson.FILE);
        } catch (IOException | GeneralSecurityException e) {
            throw new BundleException(file + " is no signature: " + e.getMessage(), e);
        }
    }
}

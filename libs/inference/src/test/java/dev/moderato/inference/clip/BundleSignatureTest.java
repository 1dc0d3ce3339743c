package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleSignatureTest {
    @TempDir
    Path folder;

    @Test
    void acceptsWhatTheKeySigned() throws Exception {
        KeyPair pair = pair();
        sign(pair);
        PublicKey read = BundleSignature.key(pem(pair));
        assertThatCode(() -> BundleSignature.verify(folder, read)).doesNotThrowAnyException();
    }

    @Test
    void refusesWhatIsNotSigned() throws Exception {
        Files.writeString(folder.resolve("bundle.json"), "{}");
        PublicKey key = pair().getPublic();
        assertThatThrownBy(() -> BundleSignature.verify(folder, key))
                .isInstanceOf(BundleException.class)
                .hasMessage(folder + " is not signed: it has no bundle.json.sig, and signatures are required here");
    }

    @Test
    void refusesAnotherKeyAndAnotherBundle() throws Exception {
        KeyPair pair = pair();
        sign(pair);
        PublicKey other = pair().getPublic();
        assertThatThrownBy(() -> BundleSignature.verify(folder, other))
                .hasMessageEndingWith("bundle.json.sig was made by another key, or for another bundle.json");

        Files.writeString(folder.resolve("bundle.json"), "{\"id\": \"changed\"}");
        assertThatThrownBy(() -> BundleSignature.verify(folder, pair.getPublic()))
                .hasMessageEndingWith("bundle.json.sig was made by another key, or for another bundle.json");
    }

    @Test
    void saysThatAFileIsNoSignature() throws Exception {
        KeyPair pair = pair();
        sign(pair);
        Files.writeString(folder.resolve("bundle.json.sig"), "rubbish");
        assertThatThrownBy(() -> BundleSignature.verify(folder, pair.getPublic()))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("bundle.json.sig");
    }

    @Test
    void saysThatAFileHoldsNoKey() throws IOException {
        Path none = Files.writeString(folder.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\nrubbish\n");
        assertThatThrownBy(() -> BundleSignature.key(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(none + " holds no Ed25519 public key in PEM form (");
    }

    private void sign(KeyPair pair) throws GeneralSecurityException, IOException {
        byte[] json = "{\"id\": \"signed\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(folder.resolve("bundle.json"), json);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(pair.getPrivate());
        signature.update(json);
        Files.write(folder.resolve("bundle.json.sig"), signature.sign());
    }

    private Path pem(KeyPair pair) throws IOException {
        String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(pair.getPublic().getEncoded());
        return Files.writeString(
                folder.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n");
    }

    private static KeyPair pair() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }
}

package dev.moderato.streams.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedBundlesTest {
    @TempDir
    Path folder;

    @Test
    void anUnsignedBundleIsRefusedWhereSignaturesAreRequired() throws Exception {
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        Path pem = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n");
        AppSettings settings = settings(pem);
        ClipBundles bundles = new ClipBundles(settings.model(), settings.image(), settings.batch());
        Path shipped = Path.of("..", "models", "demo");

        assertThatThrownBy(() -> bundles.open(shipped, null))
                .isInstanceOf(UnusableModelException.class)
                .hasMessage(shipped + " is not signed: it has no bundle.json.sig, and signatures are required here");
    }

    @Test
    void aKeyThatIsNoneIsSaidAtTheStart() {
        Path none = folder.resolve("none.pem");
        assertThatThrownBy(() -> settings(none))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .isEqualTo(List.of("model.signature.key: " + none
                                        + " holds no Ed25519 public key in PEM form (java.nio.file.NoSuchFileException: "
                                        + none
                                        + ")")));
    }

    private static AppSettings settings(Path key) {
        return AppSettings.of(new HashMap<>(Map.of(
                "kafka.bootstrap", "kafka:9092",
                "registry.url", "http://registry:8081",
                "model.signature.key", key.toString())));
    }
}

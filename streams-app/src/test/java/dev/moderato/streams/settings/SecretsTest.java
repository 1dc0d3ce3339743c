package dev.moderato.streams.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
    @TempDir
    Path folder;

    @Test
    void takesSecretsFromFilesAndTheEnvironment() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "pa$$ \\1 ${env:USER}\n");

        AppSettings settings = load(
                Map.of("USER", "ann"),
                "kafka.client.sasl.jaas.config",
                "Login username=\"${env:USER}\" password=\"${secret:" + password + "}\";");

        assertThat(settings.kafka().client())
                .containsEntry("sasl.jaas.config", "Login username=\"ann\" password=\"pa$$ \\1 ${env:USER}\";");
    }

    @Test
    void saysWhichSecretIsMissingAndWhere() {
        Path nowhere = folder.resolve("nowhere");
        assertThatThrownBy(() -> load(
                        Map.of(),
                        "ops.bearer.token",
                        "${secret:" + nowhere + "}",
                        "registry.client.bearer.auth.token",
                        "${env:TOKEN}"))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .contains(
                                        "ops.bearer.token: the secret in " + nowhere
                                                + " cannot be read (java.nio.file.NoSuchFileException: " + nowhere
                                                + ")",
                                        "registry.client.bearer.auth.token: the environment has no variable TOKEN"));
    }

    @Test
    void takesTheRegistrysUserOutOfItsAddress() {
        KafkaSettings kafka = load(Map.of(), "registry.url", "https://ann:planted@registry:8081")
                .kafka();

        assertThat(kafka.registryConfig())
                .containsEntry("schema.registry.url", "https://registry:8081")
                .containsEntry("basic.auth.credentials.source", "USER_INFO")
                .containsEntry("basic.auth.user.info", "ann:planted");
        assertThat(kafka.toString()).doesNotContain("planted");
    }

    @Test
    void noSettingShowsASecret() {
        AppSettings settings = load(
                Map.of("SECRET", "planted-in-env"),
                "kafka.client.ssl.keystore.password",
                "planted-1",
                "kafka.client.sasl.jaas.config",
                "${env:SECRET}",
                "registry.client.basic.auth.user.info",
                "planted-2",
                "references.s3.buckets",
                "b",
                "references.s3.access.key",
                "planted-3",
                "references.s3.secret.key",
                "planted-4",
                "ops.basic.user",
                "ann",
                "ops.basic.password",
                "planted-5",
                "ops.bearer.token",
                "planted-6",
                "ops.tls.keystore",
                "key.p12",
                "ops.tls.password",
                "planted-7");

        assertThat(settings.toString()).doesNotContain("planted");
        assertThat(new Secrets(Map.of("A", "planted")).toString()).doesNotContain("planted");
    }

    @Test
    void basicAuthenticationNeedsBothHalves() {
        assertThatThrownBy(() -> load(Map.of(), "ops.basic.user", "ann"))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .isEqualTo(
                                        List.of("ops.basic.user: needs ops.basic.password, and the other way round")));
    }

    private static AppSettings load(Map<String, String> environment, String... more) {
        Map<String, String> values =
                new HashMap<>(Map.of("kafka.bootstrap", "kafka:9092", "registry.url", "http://registry:8081"));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return AppSettings.load(null, environment, values);
    }
}

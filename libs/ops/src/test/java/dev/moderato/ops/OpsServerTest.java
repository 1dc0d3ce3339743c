package dev.moderato.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.ops.OpsSettings.Access;
import dev.moderato.ops.OpsSettings.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpsServerTest {
    private static final String PASSWORD = "planted-password";

    @TempDir
    Path folder;

    private final Health health = new Health();

    @Test
    void isReadyOnceEveryPartIs() throws Exception {
        try (OpsServer server = start(Access.OPEN, null)) {
            health.up("model", "m");
            health.down("stream", "starting");
            assertThat(get(http(server, "/health/ready"), null).statusCode()).isEqualTo(503);
            health.up("stream", "running");
            health.warn("policy", "a \"broken\" file");
            HttpResponse<String> ready = get(http(server, "/health/ready"), null);
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"policy\":\"a \\\"broken\\\" file\"");
            assertThat(get(http(server, "/metrics"), null).body()).isEqualTo("figures");
        }
    }

    @Test
    void showsMetricsToWhomItKnowsAndHealthToAll() throws Exception {
        Access access = new Access("ann", PASSWORD, "planted-token");
        try (OpsServer server = start(access, null)) {
            String metrics = http(server, "/metrics");
            HttpResponse<String> refused = get(metrics, null);
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate"))
                    .contains("Basic realm=\"moderato\", charset=\"UTF-8\"");
            assertThat(get(metrics, basic("ann", "wrong")).statusCode()).isEqualTo(401);
            assertThat(get(metrics, "Bearer wrong").statusCode()).isEqualTo(401);
            assertThat(get(metrics, basic("ann", PASSWORD)).body()).isEqualTo("figures");
            assertThat(get(metrics, "Bearer planted-token").body()).isEqualTo("figures");
            assertThat(get(http(server, "/health/live"), null).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void servesMetricsEncryptedAndHealthPlain() throws Exception {
        Path keystore = keystore();
        try (OpsServer server = start(Access.OPEN, new Tls(0, keystore, PASSWORD))) {
            assertThat(get(http(server, "/health/live"), null).statusCode()).isEqualTo(200);
            assertThat(get(http(server, "/metrics"), null).statusCode()).isEqualTo(404);
            String metrics = "https://localhost:" + server.tlsPort() + "/metrics";
            HttpClient trusting =
                    HttpClient.newBuilder().sslContext(trusting(keystore)).build();
            assertThat(trusting.send(
                                    HttpRequest.newBuilder(URI.create(metrics)).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("figures");
            assertThatThrownBy(() -> get(metrics, null))
                    .as("an unknown certificate")
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysWhichKeyCannotBeUsedWithoutItsPassword() throws Exception {
        Path keystore = keystore();
        assertThatThrownBy(() -> start(Access.OPEN, new Tls(0, keystore, "planted-wrong")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot use the key in " + keystore + " (ops.tls.keystore, ops.tls.password): ")
                .hasMessageNotContaining("planted");
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (OpsServer first = start(Access.OPEN, null)) {
            OpsSettings same = new OpsSettings(true, "127.0.0.1", first.port(), Access.OPEN, null);
            assertThatThrownBy(() -> OpsServer.start(same, () -> true, health, () -> ""))
                    .hasMessage("cannot serve health and metrics on 127.0.0.1:" + first.port()
                            + ": Address already in use; set ops.port");
        }
    }

    private OpsServer start(Access access, @Nullable Tls tls) throws IOException {
        return OpsServer.start(new OpsSettings(true, "127.0.0.1", 0, access, tls), () -> true, health, () -> "figures");
    }

    private Path keystore() throws Exception {
        Path keystore = folder.resolve("key.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "ops",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keystore.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor())
                .as(new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isZero();
        return keystore;
    }

    private static SSLContext trusting(Path keystore) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keystore)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ops", keys.getCertificate("ops"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static String http(OpsServer server, String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((user + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> get(String url, @Nullable String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}

package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.settings.KafkaSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReachabilityTest {
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void saysWhereNoBrokerAnswers() throws Exception {
        String nowhere = "127.0.0.1:" + unusedPort();
        assertThatThrownBy(() -> Reachability.check(settings(nowhere, "http://unused"), Topics.defaults(), SHORT))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("no Kafka broker answers at " + nowhere
                        + " within 1 s (kafka.bootstrap, start.timeout): Timed out");
    }

    @Test
    void saysWhichClientPropertyIsWrong() {
        KafkaSettings settings = new KafkaSettings(
                "127.0.0.1:1",
                "http://unused",
                "moderation",
                Map.of("security.protocol", "SSL", "ssl.truststore.location", "/no/trust.p12"),
                Map.of());
        assertThatThrownBy(() -> Reachability.check(settings, Topics.defaults(), SHORT))
                .isInstanceOf(StartException.class)
                .hasMessage("Kafka at 127.0.0.1:1 cannot be used: /no/trust.p12 (kafka.bootstrap, kafka.client.*)");
    }

    @Test
    void waitsForARegistryThatIsStillStarting() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (Registry registry = new Registry(request -> asked.incrementAndGet() < 3 ? 503 : 200)) {
            Reachability.awaitRegistry(settings("unused:1", registry.url()), LONG);
        }
        assertThat(asked).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void saysWhatTheRegistryRefuses() throws Exception {
        try (Registry registry = new Registry(request -> 401)) {
            assertThatThrownBy(() -> Reachability.awaitRegistry(settings("unused:1", registry.url()), LONG))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("the Schema Registry at " + registry.url() + " refuses: ")
                    .hasMessageEndingWith("(registry.client.*)");
        }
    }

    @Test
    void saysWhereNoRegistryAnswers() throws Exception {
        String nowhere = "http://127.0.0.1:" + unusedPort();
        assertThatThrownBy(() -> Reachability.awaitRegistry(settings("unused:1", nowhere), SHORT))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith(
                        "no Schema Registry answers at " + nowhere + " within 1 s (registry.url, start.timeout): ");
    }

    @Test
    void showsTheRegistryItsPasswordOrItsToken() throws Exception {
        try (Registry registry = knowing("Basic YW5uOnBsYW50ZWQ=")) {
            String withUser = registry.url().replace("//", "//ann:planted@");
            Reachability.awaitRegistry(settings("unused:1", withUser), LONG);
        }
        try (Registry registry = knowing("Bearer planted")) {
            Map<String, String> token =
                    Map.of("bearer.auth.credentials.source", "STATIC_TOKEN", "bearer.auth.token", "planted");
            Reachability.awaitRegistry(settings("unused:1", registry.url(), token), LONG);
        }
    }

    @Test
    void reachesTheRegistryOverTlsIfItTrustsIt() throws Exception {
        Path keystore = folder.resolve("registry.p12");
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(keystore)));
        try (Registry registry = new Registry(server, request -> 200)) {
            String url = registry.url().replace("http://127.0.0.1", "https://localhost");
            Map<String, String> trust = Map.of(
                    "schema.registry.ssl.truststore.location", keystore.toString(),
                    "schema.registry.ssl.truststore.password", "planted",
                    "schema.registry.ssl.truststore.type", "PKCS12");
            Reachability.awaitRegistry(settings("unused:1", url, trust), LONG);
            assertThatThrownBy(() -> Reachability.awaitRegistry(settings("unused:1", url), SHORT))
                    .hasMessageContaining("unable to find valid certification path");
        }
    }

    private static Registry knowing(String authorization) throws IOException {
        return new Registry(request -> authorization.equals(request.getFirst("Authorization")) ? 200 : 401);
    }

    private static KafkaSettings settings(String bootstrap, String registry) {
        return settings(bootstrap, registry, Map.of());
    }

    private static KafkaSettings settings(String bootstrap, String registry, Map<String, String> registryClient) {
        return new KafkaSettings(bootstrap, registry, "moderation", Map.of(), registryClient);
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A server's TLS with a key of its own, made for {@code localhost}. @return what the server is configured with */
    private static SSLContext tls(Path keystore) throws Exception {
        String arguments = "-genkeypair -alias registry -keyalg EC -dname CN=localhost -ext san=dns:localhost"
                + " -storetype PKCS12 -storepass planted -keystore";
        List<String> command = new ArrayList<>(List.of(arguments.split(" ")));
        command.add(
                0, Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add(keystore.toString());
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(keystore.toFile(), "planted".toCharArray()), "planted".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private interface Status {
        int of(Headers request);
    }

    /** Lists no subjects, with the given status. */
    private record Registry(HttpServer server) implements AutoCloseable {
        Registry(Status status) throws IOException {
            this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), status);
        }

        Registry(HttpServer server, Status status) {
            this(server);
            server.createContext("/", exchange -> {
                byte[] body = "[]".getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(status.of(exchange.getRequestHeaders()), body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}

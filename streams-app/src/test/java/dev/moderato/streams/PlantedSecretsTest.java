package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.moderato.streams.settings.AppSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A running service shows none of its secrets: not in the log at its most talkative, not on health, not in metrics. */
class PlantedSecretsTest {
    @Test
    void aRunningServiceShowsNoSecret() throws Exception {
        Stack stack = Stack.fresh(1);
        String registry = stack.dev.registryUrl().replace("http://", "http://ann:planted-in-address@");
        AppSettings settings = stack.settings(
                "registry.url", registry,
                "registry.client.bearer.auth.token", "planted-token",
                "kafka.client.ssl.key.password", "planted-key",
                "kafka.client.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"planted-jaas\";",
                "references.s3.buckets", "b",
                "references.s3.access.key", "planted-access",
                "references.s3.secret.key", "planted-secret",
                "ops.bearer.token", "planted-bearer");
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Appender<ILoggingEvent> console = root.getAppender("console");
        root.detachAppender(console);
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
        String shown;
        try (ModeratorApp app = ModeratorApp.start(settings, new FixedBundles())) {
            shown = get(app, "/health/ready")
                    + get(app, "/metrics")
                    + app.health().parts()
                    + settings;
        } finally {
            root.setLevel(before);
            root.detachAppender(log);
            root.addAppender(console);
        }

        assertThat(shown).contains("moderato_ready").doesNotContain("planted");
        List<String> lines = List.copyOf(log.list).stream()
                .map(event -> event.getFormattedMessage() + " " + event.getThrowableProxy())
                .toList();
        assertThat(lines)
                .as("the clients did tell their settings")
                .anyMatch(line -> line.contains("sasl.jaas.config = [hidden]"));
        assertThat(lines).noneMatch(line -> line.contains("planted"));
    }

    private static String get(ModeratorApp app, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.opsPort() + path))
                .header("Authorization", "Bearer planted-bearer")
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}

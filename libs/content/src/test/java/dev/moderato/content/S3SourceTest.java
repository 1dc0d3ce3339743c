package dev.moderato.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.moderato.content.ContentRules.S3Rules;
import dev.moderato.content.ContentUnavailable.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The SDK against a local server that answers GetObject as the S3 protocol says. */
class S3SourceTest {
    private static final byte[] IMAGE = "not really an image".getBytes(UTF_8);

    private final AtomicReference<String> authorization = new AtomicReference<>();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
            String path = exchange.getRequestURI().getPath();
            byte[] body = IMAGE;
            int status = 200;
            if (path.endsWith("/none.jpg")) {
                status = 404;
                body = "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>".getBytes(UTF_8);
            } else if (path.endsWith("/denied.jpg")) {
                status = 403;
                body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".getBytes(UTF_8);
            } else if (path.endsWith("/large.jpg")) {
                body = new byte[2000];
            }
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fetchesAnObjectWithASignedRequest() throws Exception {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertThat(fetcher.fetch("s3://images/a/b.jpg", ContentVerifier.sha256(IMAGE)))
                    .isEqualTo(IMAGE);
        }
        assertThat(authorization.get()).startsWith("AWS4-HMAC-SHA256 Credential=key/");
    }

    @Test
    void tellsWhyAnObjectCannotBeHad() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertThat(reason(fetcher, "s3://images/none.jpg")).isEqualTo(Reason.NOT_FOUND);
            assertThat(reason(fetcher, "s3://images/denied.jpg")).isEqualTo(Reason.REFUSED);
            assertThat(reason(fetcher, "s3://images/large.jpg")).isEqualTo(Reason.TOO_LARGE);
            assertThat(reason(fetcher, "s3://other/a.jpg")).isEqualTo(Reason.REFUSED);
            assertThat(reason(fetcher, "s3://images")).isEqualTo(Reason.REFUSED);
        }
    }

    @Test
    void keepsTheSecretOutOfItsText() {
        assertThat(rules().toString()).contains("images").doesNotContain("hush");
    }

    private ContentRules rules() {
        return new ContentRules(
                List.of(),
                List.of(),
                1000,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(4),
                0,
                2,
                2,
                null,
                new S3Rules(
                        List.of("images"),
                        new S3Access(
                                "eu-central-1",
                                "http://127.0.0.1:" + server.getAddress().getPort(),
                                "key",
                                "hush")));
    }

    private static Reason reason(ContentFetcher fetcher, String reference) {
        return catchThrowableOfType(ContentUnavailable.class, () -> fetcher.fetch(reference, null))
                .reason();
    }
}

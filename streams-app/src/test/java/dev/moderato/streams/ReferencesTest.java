package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.moderato.content.ContentVerifier;
import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Referenced images through the whole service: over HTTP, from an S3-compatible store and from a folder. */
class ReferencesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private HttpServer server;
    private String address;

    /** Answers web requests and S3's GetObject alike; {@code /slow/} takes a while for each. */
    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.endsWith("/missing.png") ? new byte[0] : Stack.png(path.hashCode() % 1000);
            if (path.startsWith("/slow/")) {
                sleep(200);
            }
            exchange.sendResponseHeaders(
                    path.endsWith("/missing.png") ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        address = "127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void endsEveryReferenceAsAResultOrAFailureThatSaysWhy() throws Exception {
        Stack stack = Stack.fresh(1);
        Path inside = Files.write(folder.resolve("inside.png"), Stack.png(1));
        Path outside = Files.write(Files.createTempFile("outside", ".png"), Stack.png(2));
        Path text = Files.writeString(folder.resolve("text.png"), "no image");
        Map<String, ImageReference> references = Map.of(
                "file", reference(inside.toUri().toString(), ContentVerifier.sha256(Stack.png(1))),
                "file-outside", reference(outside.toUri().toString(), null),
                "file-text", reference(text.toUri().toString(), null),
                "file-changed", reference(inside.toUri().toString(), ContentVerifier.sha256(Stack.png(2))),
                "http", reference("http://" + address + "/a.png", null),
                "http-missing", reference("http://" + address + "/missing.png", null),
                "http-other-host", reference("http://169.254.169.254/latest/meta-data", null),
                "s3", reference("s3://images/b.png", null),
                "s3-other-bucket", reference("s3://private/b.png", null),
                "ftp", reference("ftp://" + address + "/a.png", null));

        try (ModeratorApp app = ModeratorApp.start(settings(stack), new FixedBundles())) {
            publish(stack, references);
            assertThat(results(stack, 3)).containsOnlyKeys("file", "http", "s3").allSatisfy((id, result) -> {
                assertThat(result.getSource().getReference().getUri())
                        .isEqualTo(Objects.requireNonNull(references.get(id)).getUri());
                assertThat(result.getTimings().getFetchMicros()).isPositive();
            });
            Map<String, ModerationFailure> failures = failures(stack, 7);
            assertThat(failures.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey,
                                    f -> f.getValue().getReason().name())))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "file-outside", "REFERENCE_REFUSED",
                            "file-text", "NOT_AN_IMAGE",
                            "file-changed", "CHECKSUM_MISMATCH",
                            "http-missing", "REFERENCE_UNAVAILABLE",
                            "http-other-host", "REFERENCE_REFUSED",
                            "s3-other-bucket", "REFERENCE_REFUSED",
                            "ftp", "REFERENCE_REFUSED"));
            assertThat(Objects.requireNonNull(failures.get("s3-other-bucket")).getDetail())
                    .isEqualTo("reference s3://private/b.png refused: bucket private is not in references.s3.buckets");
            assertThat(app.metrics().registry().scrape()).contains("moderato_stage_seconds_count{stage=\"fetch\"}");
        }
        Files.delete(outside);
    }

    @Test
    void fetchesManyAtATime() throws Exception {
        Stack stack = Stack.fresh(1);
        int images = 48;
        try (ModeratorApp app = ModeratorApp.start(settings(stack), new FixedBundles())) {
            for (int i = 0; i < 8; i++) { // the budget lets in four at first
                publish(stack, Map.of("warm-" + i, reference("http://" + address + "/w" + i + ".png", null)));
            }
            results(stack, 8);
            long from = System.nanoTime();
            publish(
                    stack,
                    java.util.stream.IntStream.range(0, images)
                            .boxed()
                            .collect(Collectors.toMap(
                                    i -> "slow-" + i,
                                    i -> reference("http://" + address + "/slow/" + i + ".png", null))));
            assertThat(results(stack, 8 + images)).hasSize(8 + images);
            Duration took = Duration.ofNanos(System.nanoTime() - from);
            assertThat(took)
                    .as("one by one it takes %s ms", images * 200)
                    .isLessThan(Duration.ofMillis(images * 200 / 2));
            assertThat(app.health().ready()).isTrue();
        }
    }

    private dev.moderato.streams.settings.AppSettings settings(Stack stack) {
        return stack.settings(
                "references.hosts", address,
                "references.networks", "127.0.0.0/8",
                "references.file.root", folder.toString(),
                "references.s3.buckets", "images",
                "references.s3.endpoint", "http://" + address,
                "references.s3.access.key", "key",
                "references.s3.secret.key", "hush");
    }

    private static ImageReference reference(String uri, @org.jspecify.annotations.Nullable String sha256) {
        return new ImageReference(uri, sha256);
    }

    private static void publish(Stack stack, Map<String, ImageReference> references) {
        try (KafkaProducer<String, byte[]> producer = stack.producer()) {
            references.forEach((id, reference) -> {
                var unused = producer.send(stack.record(
                        id,
                        ImageSubmitted.newBuilder(Stack.image(id, new byte[0]))
                                .setImage(reference)
                                .build()));
            });
        }
    }

    private static Map<String, ModerationResult> results(Stack stack, int enough) {
        return byKey(stack.read(
                stack.topics.results().name(),
                stack.serdes.results().deserializer(),
                PATIENCE,
                r -> r.size() >= enough));
    }

    private static Map<String, ModerationFailure> failures(Stack stack, int enough) {
        return byKey(stack.read(
                stack.topics.failures().name(),
                stack.serdes.failures().deserializer(),
                PATIENCE,
                r -> r.size() >= enough));
    }

    private static <T> Map<String, T> byKey(List<ConsumerRecord<String, T>> records) {
        return records.stream().collect(Collectors.toMap(ConsumerRecord::key, ConsumerRecord::value));
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

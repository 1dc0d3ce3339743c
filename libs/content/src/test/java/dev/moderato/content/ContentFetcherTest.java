package dev.moderato.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.moderato.content.ContentUnavailable.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentFetcherTest {
    private static final byte[] IMAGE = "not really an image".getBytes(UTF_8);

    private final AtomicInteger requests = new AtomicInteger();
    private final ExecutorService serving = Executors.newCachedThreadPool();
    private HttpServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(serving);
        server.createContext("/image", exchange -> answer(exchange, 200, IMAGE));
        server.createContext("/missing", exchange -> answer(exchange, 404, new byte[0]));
        server.createContext("/private", exchange -> answer(exchange, 403, new byte[0]));
        server.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                while (true) {
                    out.write(new byte[65536]);
                }
            }
        });
        server.createContext("/drip", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 100; i++) {
                    out.write(1);
                    out.flush();
                    Thread.sleep(50);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.createContext("/flaky", exchange -> answer(exchange, requests.get() == 0 ? 503 : 200, IMAGE));
        server.createContext("/broken", exchange -> answer(exchange, 500, new byte[0]));
        server.createContext("/hop", exchange -> redirect(exchange, "/image"));
        server.createContext("/loop", exchange -> redirect(exchange, "/loop"));
        server.createContext("/away", exchange -> redirect(exchange, "http://elsewhere.test/image"));
        server.createContext("/metadata", exchange -> redirect(exchange, "http://169.254.169.254/latest/meta-data"));
        server.createContext("/tofile", exchange -> redirect(exchange, "file:///etc/passwd"));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        serving.shutdownNow();
    }

    @Test
    void fetchesFromAnAllowedHost() throws Exception {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertThat(fetcher.fetch(url("/image"), ContentVerifier.sha256(IMAGE)))
                    .isEqualTo(IMAGE);
            assertThat(fetcher.fetch(url("/hop"), null)).isEqualTo(IMAGE);
        }
    }

    @Test
    void asksForRoomBeforeTheBytesAreRead() throws Exception {
        List<Long> asked = new ArrayList<>();
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            fetcher.fetch(url("/image"), null, asked::add);
            assertThat(asked).as("twice the bytes that the server announces").containsExactly(2L * IMAGE.length);

            ContentUnavailable failed = catchThrowableOfType(
                    ContentUnavailable.class, () -> fetcher.fetch(url("/endless"), null, asked::add));
            assertThat(failed.reason()).isEqualTo(Reason.TOO_LARGE);
            assertThat(asked.get(1))
                    .as("all that is allowed where it announces none")
                    .isEqualTo(2 * rules().maxBytes());
        }
    }

    @Test
    void doesNotCountTheWaitForRoomAgainstTheDeadline() throws Exception {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            long wait = rules().deadline().toMillis() + 100;
            assertThat(fetcher.fetch(url("/image"), null, bytes -> Thread.sleep(wait)))
                    .isEqualTo(IMAGE);
        }
    }

    @Test
    void refusesEverythingByDefault() {
        try (ContentFetcher fetcher = ContentFetcher.create(ContentRules.refuseAll())) {
            assertRefused(fetcher, url("/image"), "references are not configured");
            assertRefused(fetcher, "file:///etc/passwd", "references are not configured");
            assertRefused(fetcher, "not a uri", "not a valid URI");
            assertRefused(fetcher, "image.jpg", "references are not configured");
        }
        assertThat(requests).hasValue(0);
    }

    @Test
    void refusesAPrivateAddressEvenOfAnAllowedHost() {
        try (ContentFetcher fetcher = ContentFetcher.create(withNetworks(List.of()))) {
            assertRefused(fetcher, url("/image"), "host 127.0.0.1 is at 127.0.0.1, which is not a public address");
        }
        assertThat(requests).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://elsewhere.test/a",
                "http://user@127.0.0.1/a",
                "ftp://127.0.0.1/a",
                "http:///a",
                "http://127.0.0.1:1/a"
            })
    void refusesWhatTheRulesDoNotName(String reference) {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertRefused(fetcher, reference, "refused: ");
        }
    }

    @Test
    void holdsEachRedirectAgainstTheSameRules() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertRefused(fetcher, url("/away"), "host elsewhere.test is not in references.hosts");
            assertRefused(fetcher, url("/metadata"), "host 169.254.169.254 is not in references.hosts");
            assertRefused(fetcher, url("/tofile"), "scheme file is not allowed here");
            assertRefused(fetcher, url("/loop"), "more than 2 redirects");
        }
    }

    /** A name that is public when it is checked and private when it is connected to. */
    @Test
    void connectsToTheAddressThatWasChecked() {
        AtomicInteger lookups = new AtomicInteger();
        DnsResolver rebinding = new NamesOf(host -> lookups.getAndIncrement() == 0
                ? InetAddress.getByAddress(host, new byte[] {(byte) 203, 0, 113, 7})
                : InetAddress.getLoopbackAddress());
        try (ContentFetcher fetcher = ContentFetcher.create(
                withHosts(List.of("rebind.test:" + server.getAddress().getPort())), rebinding)) {
            assertRefused(
                    fetcher, "http://rebind.test:" + server.getAddress().getPort() + "/image", "is at 203.0.113.7");
            assertRefused(fetcher, "http://rebind.test:" + server.getAddress().getPort() + "/image", "is at 127.0.0.1");
        }
        assertThat(requests).hasValue(0);
    }

    @Test
    void looksAHostUpOncePerConnection() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        DnsResolver names = new NamesOf(host -> {
            lookups.incrementAndGet();
            return InetAddress.getLoopbackAddress();
        });
        String host = "images.test:" + server.getAddress().getPort();
        ContentRules rules = withHosts(List.of(host));
        ContentRules loopback = new ContentRules(
                rules.hosts(),
                List.of("127.0.0.0/8"),
                rules.maxBytes(),
                rules.connectTimeout(),
                rules.readTimeout(),
                rules.deadline(),
                2,
                3,
                4,
                null,
                null);
        try (ContentFetcher fetcher = ContentFetcher.create(loopback, names)) {
            fetcher.fetch("http://" + host + "/image", null);
        }
        assertThat(lookups).hasValue(1);
    }

    @Test
    void stopsReadingAtTheSizeCap() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            ContentUnavailable failure = failure(fetcher, url("/endless"));
            assertThat(failure.reason()).isEqualTo(Reason.TOO_LARGE);
            assertThat(failure).hasMessageEndingWith("/endless is larger than 100000 bytes");
        }
    }

    @Test
    void doesNotWaitForADrippingServer() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            long start = System.nanoTime();
            ContentUnavailable failure = failure(fetcher, url("/drip"));
            assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(failure).hasMessageContaining("slower than the deadline");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void triesAgainWhatMayPass() throws Exception {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertThat(fetcher.fetch(url("/flaky"), null)).isEqualTo(IMAGE);
            assertThat(requests).hasValue(2);
        }
    }

    @Test
    void givesUpAfterTheAttempts() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            ContentUnavailable failure = failure(fetcher, url("/broken?token=secret"));
            assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(failure)
                    .hasMessageContaining("could not be fetched in 3 tries")
                    .hasMessageContaining("status 500");
            assertThat(failure.getMessage()).doesNotContain("secret");
            assertThat(requests).hasValue(3);
        }
    }

    @Test
    void tellsMissingFromForbiddenFromChanged() {
        try (ContentFetcher fetcher = ContentFetcher.create(rules())) {
            assertThat(failure(fetcher, url("/missing")).reason()).isEqualTo(Reason.NOT_FOUND);
            assertThat(failure(fetcher, url("/private")).reason()).isEqualTo(Reason.REFUSED);
            assertThat(requests).hasValue(2);
            ContentUnavailable changed =
                    catchThrowableOfType(ContentUnavailable.class, () -> fetcher.fetch(url("/image"), "00ff"));
            assertThat(changed.reason()).isEqualTo(Reason.CHECKSUM_MISMATCH);
            assertThat(changed).hasMessageContaining("announced 00ff");
        }
    }

    @Test
    void fetchesConcurrently() throws Exception {
        CountDownLatch all = new CountDownLatch(4);
        server.createContext("/together", exchange -> {
            all.countDown();
            try {
                boolean met = all.await(5, TimeUnit.SECONDS);
                answer(exchange, met ? 200 : 404, IMAGE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try (ContentFetcher fetcher = ContentFetcher.create(withDeadline(Duration.ofSeconds(8)))) {
            List<Future<byte[]>> fetched = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Callable<byte[]> fetch = () -> fetcher.fetch(url("/together"), null);
                fetched.add(callers.submit(fetch));
            }
            for (Future<byte[]> one : fetched) {
                assertThat(one.get()).isEqualTo(IMAGE);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void readsFilesInsideTheRootOnly() throws Exception {
        Path root = Files.createDirectory(folder.resolve("root"));
        Path inside = Files.write(root.resolve("inside.jpg"), IMAGE);
        Path outside = Files.write(folder.resolve("outside.jpg"), IMAGE);
        Path link = Files.createSymbolicLink(root.resolve("link.jpg"), outside);
        ContentRules rules = rules();
        ContentRules withRoot = new ContentRules(
                List.of(),
                List.of(),
                100,
                rules.connectTimeout(),
                rules.readTimeout(),
                rules.deadline(),
                0,
                1,
                1,
                root,
                null);
        try (ContentFetcher fetcher = ContentFetcher.create(withRoot)) {
            assertThat(fetcher.fetch(inside.toUri().toString(), null)).isEqualTo(IMAGE);
            assertRefused(fetcher, link.toUri().toString(), "references.file.root");
            assertRefused(fetcher, outside.toUri().toString(), "references.file.root");
            assertRefused(fetcher, root.toUri() + "../outside.jpg", "references.file.root");
            assertThat(failure(fetcher, root.toUri() + "none.jpg").reason()).isEqualTo(Reason.NOT_FOUND);
            Files.write(inside, new byte[101]);
            assertThat(failure(fetcher, inside.toUri().toString()).reason()).isEqualTo(Reason.TOO_LARGE);
        }
    }

    private interface Lookup {
        InetAddress of(String host) throws UnknownHostException;
    }

    private record NamesOf(Lookup lookup) implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return new InetAddress[] {lookup.of(host)};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        requests.incrementAndGet();
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private ContentRules rules() {
        return withNetworks(List.of("127.0.0.0/8"));
    }

    private ContentRules withNetworks(List<String> networks) {
        return rules(List.of("127.0.0.1:" + server.getAddress().getPort()), networks, Duration.ofSeconds(2));
    }

    private ContentRules withDeadline(Duration deadline) {
        return rules(List.of("127.0.0.1:" + server.getAddress().getPort()), List.of("127.0.0.0/8"), deadline);
    }

    private static ContentRules withHosts(List<String> hosts) {
        return rules(hosts, List.of(), Duration.ofSeconds(2));
    }

    private static ContentRules rules(List<String> hosts, List<String> networks, Duration deadline) {
        return new ContentRules(
                hosts, networks, 100_000, Duration.ofSeconds(1), deadline, deadline, 2, 3, 8, null, null);
    }

    private static ContentUnavailable failure(ContentFetcher fetcher, String reference) {
        return catchThrowableOfType(ContentUnavailable.class, () -> fetcher.fetch(reference, null));
    }

    private static void assertRefused(ContentFetcher fetcher, String reference, String why) {
        ContentUnavailable failure = failure(fetcher, reference);
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure).hasMessageContaining(why);
    }
}

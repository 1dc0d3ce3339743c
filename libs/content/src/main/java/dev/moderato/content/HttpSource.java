package dev.moderato.content;

import dev.moderato.content.ContentUnavailable.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Fetches http and https references. A host's addresses are checked after they were resolved, and the connection goes
 * to the very addresses that were checked, so that a name that changes its mind in between (DNS rebinding) gains
 * nothing. Redirects are followed here, one by one, each held against the same rules.
 */
final class HttpSource implements ContentSource {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final ContentRules rules;
    private final HostRules hosts;
    private final CloseableHttpClient client;

    HttpSource(ContentRules rules, DnsResolver names) {
        this.rules = rules;
        this.hosts = new HostRules(rules.hosts());
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new CheckedNames(names, new Addresses(rules.networks())))
                        .setMaxConnTotal(rules.connections())
                        .setMaxConnPerRoute(rules.connections())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(rules.connectTimeout()))
                                .setSocketTimeout(Timeout.of(rules.readTimeout()))
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(rules.readTimeout()))
                        .setConnectionRequestTimeout(Timeout.of(rules.deadline()))
                        .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableContentCompression() // an image is compressed already; a bomb is not unpacked
                .disableCookieManagement()
                .disableAuthCaching()
                .setUserAgent("moderato")
                .build();
    }

    @Override
    public byte[] fetch(URI uri, Room room) throws ContentUnavailable {
        long end = System.nanoTime() + rules.deadline().toNanos();
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                return follow(uri, room, end);
            } catch (MayPass e) {
                long wait = ThreadLocalRandom.current().nextLong(pause.toNanos() / 2, pause.toNanos());
                if (attempt >= rules.attempts() || System.nanoTime() + wait >= end) {
                    throw new ContentUnavailable(
                            Reason.UNREACHABLE,
                            "reference " + References.shown(uri) + " could not be fetched in " + attempt
                                    + (attempt == 1 ? " try: " : " tries: ") + e.getMessage(),
                            e);
                }
                sleep(wait, uri);
                pause = pause.multipliedBy(3);
            }
        }
    }

    private byte[] follow(URI start, Room room, long end) throws ContentUnavailable, MayPass {
        URI uri = start;
        for (int redirects = 0; redirects <= rules.maxRedirects(); redirects++) {
            hosts.check(uri);
            Answer answer = get(uri, room, end);
            if (answer.body() != null) {
                return answer.body();
            }
            uri = answer.location();
        }
        throw new ContentUnavailable(
                Reason.REFUSED,
                "reference " + References.shown(start) + " refused: more than " + rules.maxRedirects() + " redirects");
    }

    private Answer get(URI uri, Room room, long end) throws ContentUnavailable, MayPass {
        HttpGet request = new HttpGet(uri);
        try {
            return client.execute(request, response -> read(uri, request, response, room, end));
        } catch (Unavailable e) {
            throw e.why();
        } catch (Refused e) {
            throw new ContentUnavailable(
                    Reason.REFUSED, "reference " + References.shown(uri) + " refused: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new MayPass(e.getClass().getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    private Answer read(URI uri, HttpGet request, ClassicHttpResponse response, Room room, long end)
            throws IOException {
        int code = response.getCode();
        if (REDIRECTS.contains(code)) {
            Header location = response.getFirstHeader("Location");
            request.abort(); // a redirect's body is of no interest, however long it is
            try {
                return new Answer(null, uri.resolve(location == null ? "" : location.getValue()));
            } catch (IllegalArgumentException e) {
                throw new Unavailable(Reason.REFUSED, uri, "refused: a redirect to no valid address");
            }
        }
        if (code == 404 || code == 410) {
            throw new Unavailable(Reason.NOT_FOUND, uri, "does not exist: status " + code);
        }
        if (code == 408 || code == 429 || code >= 500) {
            throw new IOException("status " + code);
        }
        if (code != 200) {
            throw new Unavailable(Reason.REFUSED, uri, "was not handed out: status " + code);
        }
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            return new Answer(new byte[0], uri);
        }
        if (entity.getContentLength() > rules.maxBytes()) {
            request.abort();
            throw tooLarge(uri);
        }
        return new Answer(body(uri, request, entity, end + awaitRoom(uri, entity, room)), uri);
    }

    /** How long the wait was, in nanoseconds. */
    private long awaitRoom(URI uri, HttpEntity entity, Room room) throws Unavailable {
        long from = System.nanoTime();
        long length = entity.getContentLength();
        try {
            ContentSource.takeRoom(room, length < 0 ? rules.maxBytes() : length, uri);
        } catch (ContentUnavailable e) {
            throw new Unavailable(e);
        }
        return System.nanoTime() - from;
    }

    private byte[] body(URI uri, HttpGet request, HttpEntity entity, long end) throws IOException {
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream((int) Math.max(8192, Math.min(entity.getContentLength(), rules.maxBytes())));
        byte[] chunk = new byte[16384];
        try (InputStream in = entity.getContent()) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                if (bytes.size() + (long) n > rules.maxBytes()) {
                    request.abort();
                    throw tooLarge(uri);
                }
                bytes.write(chunk, 0, n);
                if (System.nanoTime() > end) {
                    request.abort();
                    throw new IOException(
                            "slower than the deadline of " + rules.deadline().toSeconds() + " s");
                }
            }
        }
        return bytes.toByteArray();
    }

    private Unavailable tooLarge(URI uri) {
        return new Unavailable(Reason.TOO_LARGE, uri, "is larger than " + rules.maxBytes() + " bytes");
    }

    private static void sleep(long nanos, URI uri) throws ContentUnavailable {
        try {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContentUnavailable(Reason.UNREACHABLE, "interrupted while fetching " + References.shown(uri), e);
        }
    }

    @Override
    public void close() {
        client.close(CloseMode.GRACEFUL);
    }

    /** Either a body or where to go next. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(byte @Nullable [] body, URI location) {}

    /** A fault that another try may not meet. */
    private static final class MayPass extends Exception {
        private static final long serialVersionUID = 1L;

        MayPass(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Carries the outcome through the client's handler, which may throw nothing but an IOException. */
    private static final class Unavailable extends IOException {
        private static final long serialVersionUID = 1L;
        private final ContentUnavailable why;

        Unavailable(Reason reason, URI uri, String what) {
            this(new ContentUnavailable(reason, "reference " + References.shown(uri) + " " + what));
        }

        Unavailable(ContentUnavailable why) {
            super(why);
            this.why = why;
        }

        ContentUnavailable why() {
            return why;
        }
    }

    /** No address of the host may be connected to. */
    private static final class Refused extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Resolves names, and hands on only addresses that may be connected to. */
    private record CheckedNames(DnsResolver names, Addresses addresses) implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] all = names.resolve(host);
            InetAddress[] allowed =
                    Arrays.stream(all).filter(addresses::mayConnect).toArray(InetAddress[]::new);
            if (all.length > 0 && allowed.length == 0) {
                throw new Refused("host " + host + " is at " + all[0].getHostAddress()
                        + ", which is not a public address nor in references.networks");
            }
            return allowed;
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}

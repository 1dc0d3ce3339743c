package dev.moderato.devstack.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An S3-compatible store in memory on loopback: PUT, HEAD and GET of objects by path-style addresses, ranges, user metadata, and signatures
 * (version 4), which are verified. It can be told to misbehave.
 */
public final class S3Server implements AutoCloseable {
    public static final String ACCESS_KEY = "moderato";
    public static final String SECRET_KEY = "the store's secret";

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");
    private static final String METADATA = "x-amz-meta-";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Stored> objects = new ConcurrentHashMap<>();
    private final Map<String, Integer> cuts = new ConcurrentHashMap<>();
    private final List<String> requests = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
    private final ConcurrentLinkedQueue<Integer> faults = new ConcurrentLinkedQueue<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(byte[] bytes, Map<String, String> metadata) {}

    private S3Server(HttpServer server) {
        this.server = server;
    }

    /** Starts on a free port. Buckets need not be made. */
    public static S3Server start() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        S3Server store = new S3Server(http);
        http.createContext("/", store::answer);
        http.setExecutor(store.threads);
        http.start();
        return store;
    }

    /** What clients set as the endpoint. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Every answered request as {@code METHOD bucket/key}, the oldest first. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** The keys of all objects, each after its bucket and a slash, in order. */
    public List<String> keys() {
        return List.copyOf(new TreeMap<>(objects).keySet());
    }

    /** An object's bytes; null where there is none. */
    public byte @Nullable [] object(String key) {
        Stored found = objects.get(key);
        return found == null ? null : found.bytes.clone();
    }

    /** Puts other bytes in an object's place. */
    public void replace(String key, byte[] bytes) {
        objects.put(key, new Stored(bytes.clone(), Map.of()));
    }

    public void delete(String key) {
        objects.remove(key);
    }

    /** The next GET of an object ends after so many bytes, without an error. */
    public void cutOnce(String key, int bytes) {
        cuts.put(key, bytes);
    }

    /** The next requests are answered with this status. */
    public void fail(int status, int times) {
        for (int i = 0; i < times; i++) {
            faults.add(status);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String key = exchange.getRequestURI().getPath().substring(1);
            requests.add(exchange.getRequestMethod() + " " + key);
            Integer fault = faults.poll();
            String denied = new RequestSignature(exchange, ACCESS_KEY, SECRET_KEY).problem(body);
            if (fault != null) {
                error(exchange, fault, "InternalError");
            } else if (denied != null) {
                error(exchange, 403, denied);
            } else if (exchange.getRequestMethod().equals("PUT")) {
                objects.put(key, new Stored(body, metadata(exchange.getRequestHeaders())));
                exchange.sendResponseHeaders(200, -1);
            } else {
                give(exchange, key);
            }
        }
    }

    private static Map<String, String> metadata(Headers headers) {
        Map<String, String> metadata = new TreeMap<>();
        headers.forEach((name, values) -> {
            if (name.regionMatches(true, 0, METADATA, 0, METADATA.length())) {
                metadata.put(name, values.get(0));
            }
        });
        return metadata;
    }

    private void give(HttpExchange exchange, String key) throws IOException {
        Stored found = objects.get(key);
        if (found == null) {
            error(exchange, 404, "NoSuchKey");
            return;
        }
        int from = 0;
        int status = 200;
        String range = exchange.getRequestHeaders().getFirst("Range");
        Matcher matcher = RANGE.matcher(range == null ? "" : range);
        if (matcher.matches()) {
            from = Integer.parseInt(matcher.group(1));
            if (from >= found.bytes.length) {
                error(exchange, 416, "InvalidRange");
                return;
            }
            status = 206;
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (found.bytes.length - 1) + "/" + found.bytes.length);
        }
        found.metadata.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        int length = found.bytes.length - from;
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        Integer cut = cuts.remove(key);
        exchange.getResponseBody().write(found.bytes, from, cut == null ? length : Math.min(cut, length));
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        byte[] body =
                ("<Error><Code>" + code + "</Code><Message>as told</Message></Error>").getBytes(StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}

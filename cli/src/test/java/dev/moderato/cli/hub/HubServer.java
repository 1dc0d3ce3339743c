package dev.moderato.cli.hub;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.moderato.cli.JsonLine;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A hub on loopback that speaks the protocol, and misbehaves where a test wants it to. */
public final class HubServer implements AutoCloseable {
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer server;
    private final Map<String, byte[]> files = new TreeMap<>();
    /** What was asked for: method, path, and the first byte where one was named. */
    public final List<String> asked = new CopyOnWriteArrayList<>();

    /** How many more times a file's bytes are cut after half of what is left. */
    public final AtomicInteger cuts = new AtomicInteger();
    /** How many more times the answer is 503. */
    public final AtomicInteger failures = new AtomicInteger();

    public volatile boolean ignoresRanges;
    public volatile boolean listsChecksums = true;
    public volatile boolean tagsFiles = true;
    public volatile @Nullable String corrupts;
    public volatile @Nullable String redirectsTo;

    private HubServer(HttpServer server) {
        this.server = server;
    }

    public static HubServer start() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        HubServer hub = new HubServer(http);
        http.setExecutor(Executors.newCachedThreadPool());
        http.createContext("/", hub::answer);
        http.start();
        return hub;
    }

    public HubServer with(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(path + (range == null ? "" : " " + range));
        try (exchange) {
            if (counts(failures)) {
                exchange.getResponseHeaders().set("Retry-After", "0");
                exchange.sendResponseHeaders(503, -1);
            } else if (path.startsWith("/api/models/owner/clip/revision/")) {
                list(exchange, path.substring(path.lastIndexOf('/') + 1));
            } else if (path.startsWith("/owner/clip/resolve/" + COMMIT + "/")) {
                file(exchange, path.substring(("/owner/clip/resolve/" + COMMIT + "/").length()));
            } else if (path.startsWith("/elsewhere/")) {
                bytes(exchange, path.substring("/elsewhere/".length()), range);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static boolean counts(AtomicInteger left) {
        return left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    private void list(HttpExchange exchange, String revision) throws IOException {
        if (!List.of("main", "v1", COMMIT).contains(revision)) {
            exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        ObjectNode root = JsonLine.object().put("id", "owner/clip").put("sha", COMMIT);
        ArrayNode siblings = root.putArray("siblings");
        files.forEach((name, content) -> {
            ObjectNode file = siblings.addObject().put("rfilename", name);
            if (listsChecksums) {
                file.put("size", content.length).put("blobId", git(content));
                if (name.endsWith(".onnx")) {
                    file.putObject("lfs").put("sha256", sha256(content)).put("size", content.length);
                }
            }
        });
        byte[] body = JsonLine.write(root).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Small files are answered here; large ones lie elsewhere, as on the real hub. */
    private void file(HttpExchange exchange, String name) throws IOException {
        byte[] content = files.get(name);
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
        } else if (name.endsWith(".onnx")) {
            if (tagsFiles) {
                exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + sha256(content) + "\"");
                exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
            }
            String to = redirectsTo;
            exchange.getResponseHeaders().set("Location", to == null ? "/elsewhere/" + name : to);
            exchange.sendResponseHeaders(302, -1);
        } else {
            if (tagsFiles) {
                exchange.getResponseHeaders().set("ETag", "\"" + git(content) + "\"");
            }
            bytes(exchange, name, exchange.getRequestHeaders().getFirst("Range"));
        }
    }

    private void bytes(HttpExchange exchange, String name, @Nullable String range) throws IOException {
        byte[] content = files.getOrDefault(name, new byte[0]);
        if (name.equals(corrupts)) {
            content = content.clone();
            content[content.length / 3] ^= 1;
        }
        int from = 0;
        if (range != null && !ignoresRanges) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        byte[] rest = Arrays.copyOfRange(content, from, content.length);
        boolean cut = rest.length > 1 && counts(cuts);
        exchange.sendResponseHeaders(range == null || ignoresRanges ? 200 : 206, rest.length);
        OutputStream out = exchange.getResponseBody();
        if (cut) {
            out.write(rest, 0, rest.length / 2);
            out.flush();
        } else {
            out.write(rest);
        }
    }

    /** What was asked for of files whose name ends so. */
    public List<String> askedFor(String ending) {
        List<String> found = new ArrayList<>();
        for (String one : asked) {
            if (one.startsWith("/elsewhere/") && one.split(" ", 2)[0].endsWith(ending)) {
                found.add(one);
            }
        }
        return found;
    }

    private static String sha256(byte[] content) {
        return hex("SHA-256", content);
    }

    private static String git(byte[] content) {
        byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] object = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, object, head.length, content.length);
        return hex("SHA-1", object);
    }

    private static String hex(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

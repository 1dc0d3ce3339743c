package dev.moderato.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /health/live}, {@code /health/ready} (200 or 503, JSON) to anybody, and {@code /metrics} (Prometheus text)
 * to whom the settings let in: on a port of its own where TLS is set up.
 */
public final class OpsServer implements AutoCloseable {
    private final HttpServer plain;
    private final @Nullable HttpServer encrypted;
    private final ExecutorService threads;

    private OpsServer(HttpServer plain, @Nullable HttpServer encrypted, ExecutorService threads) {
        this.plain = plain;
        this.encrypted = encrypted;
        this.threads = threads;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException where a port is taken or the keystore cannot be used, with a message that names the setting
     */
    public static OpsServer start(OpsSettings settings, BooleanSupplier live, Health health, Supplier<String> metrics)
            throws IOException {
        OpsSettings.Tls tls = settings.tls();
        HttpServer encrypted = tls == null ? null : encrypted(settings.host(), tls);
        HttpServer plain;
        try {
            plain = listen(HttpServer.create(), settings.host(), settings.port(), "ops.port");
        } catch (IOException e) {
            if (encrypted != null) {
                encrypted.stop(0);
            }
            throw e;
        }
        plain.createContext("/health/live", exchange -> {
            boolean alive = live.getAsBoolean();
            answer(exchange, alive ? 200 : 503, "application/json", "{\"live\":" + alive + "}\n");
        });
        plain.createContext("/health/ready", exchange -> {
            boolean ready = health.ready();
            answer(exchange, ready ? 200 : 503, "application/json", json(ready, health));
        });
        HttpHandler scrape =
                exchange -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
        (encrypted == null ? plain : encrypted).createContext("/metrics", new Guard(settings.access(), scrape));

        ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "ops-server");
            thread.setDaemon(true);
            return thread;
        });
        plain.setExecutor(threads);
        plain.start();
        if (encrypted != null) {
            encrypted.setExecutor(threads);
            encrypted.start();
        }
        return new OpsServer(plain, encrypted, threads);
    }

    private static HttpServer encrypted(String host, OpsSettings.Tls tls) throws IOException {
        HttpsConfigurator configurator = new HttpsConfigurator(ServerKey.context(tls.keystore(), tls.password()));
        HttpsServer server = HttpsServer.create();
        server.setHttpsConfigurator(configurator);
        return listen(server, host, tls.port(), "ops.tls.port");
    }

    private static HttpServer listen(HttpServer server, String host, int port, String setting) throws IOException {
        try {
            server.bind(new InetSocketAddress(host, port), 0);
            return server;
        } catch (IOException e) {
            throw new IOException(
                    "cannot serve health and metrics on " + host + ":" + port + ": " + e.getMessage() + "; set "
                            + setting,
                    e);
        }
    }

    /** Where health is served, and metrics too unless there is a {@link #tlsPort()}. */
    public int port() {
        return plain.getAddress().getPort();
    }

    /** Where metrics are served encrypted; -1 where they are not. */
    public int tlsPort() {
        return encrypted == null ? -1 : encrypted.getAddress().getPort();
    }

    @Override
    public void close() {
        plain.stop(0);
        if (encrypted != null) {
            encrypted.stop(0);
        }
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        try (exchange) {
            if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String json(boolean ready, Health health) {
        StringBuilder json = new StringBuilder("{\"ready\":").append(ready).append(",\"parts\":{");
        String comma = "";
        for (Map.Entry<String, Health.Part> part : health.parts().entrySet()) {
            json.append(comma)
                    .append(quoted(part.getKey()))
                    .append(":{\"ready\":")
                    .append(part.getValue().ready())
                    .append(",\"detail\":")
                    .append(quoted(part.getValue().detail()))
                    .append('}');
            comma = ",";
        }
        json.append("},\"warnings\":{");
        comma = "";
        for (Map.Entry<String, String> warning : health.warnings().entrySet()) {
            json.append(comma).append(quoted(warning.getKey())).append(':').append(quoted(warning.getValue()));
            comma = ",";
        }
        return json.append("}}\n").toString();
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}

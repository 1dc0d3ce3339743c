package dev.moderato.streams.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Serves {@code /health/live}, {@code /health/ready} (200 or 503, JSON) and {@code /metrics} (Prometheus text). */
public final class OpsServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;

    private OpsServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts to listen.
     *
     * @param port 0 for any free one
     * @throws IOException where the port is taken, with a message that names it and its setting
     */
    public static OpsServer start(String host, int port, BooleanSupplier live, Health health, Supplier<String> metrics)
            throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 0);
        } catch (IOException e) {
            throw new IOException(
                    "cannot serve health and metrics on " + host + ":" + port + ": " + e.getMessage()
                            + "; set ops.port",
                    e);
        }
        ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "ops-server");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/health/live", exchange -> {
            boolean alive = live.getAsBoolean();
            answer(exchange, alive ? 200 : 503, "application/json", "{\"live\":" + alive + "}\n");
        });
        server.createContext("/health/ready", exchange -> {
            boolean ready = health.ready();
            answer(exchange, ready ? 200 : 503, "application/json", json(ready, health));
        });
        server.createContext(
                "/metrics",
                exchange -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
        server.start();
        return new OpsServer(server, threads);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
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

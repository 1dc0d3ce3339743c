package dev.moderato.devstack.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.confluent.kafka.schemaregistry.client.rest.Versions;
import io.confluent.kafka.schemaregistry.client.rest.entities.ErrorMessage;
import io.confluent.kafka.schemaregistry.utils.JacksonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.admin.NewTopic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one registry over HTTP. */
public final class RegistryServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RegistryServer.class);
    private static final ObjectMapper JSON = JacksonMapper.INSTANCE;

    private final HttpServer http;
    private final ExecutorService workers;
    private final Journal journal;
    private final Routes routes;

    private RegistryServer(HttpServer http, Journal journal) {
        this.http = http;
        this.journal = journal;
        this.routes = RegistryRoutes.of(new Registry(journal));
        this.workers = Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "registry");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The topic that must exist before a start. */
    public static NewTopic topic() {
        return TopicJournal.topic();
    }

    /**
     * Serves what the broker's topic holds, and returns once it does.
     *
     * @throws IOException if the address cannot be listened on
     */
    public static RegistryServer start(InetSocketAddress address, String bootstrapServers) throws IOException {
        return start(address, new TopicJournal(bootstrapServers));
    }

    static RegistryServer start(InetSocketAddress address, Journal journal) throws IOException {
        HttpServer http = HttpServer.create(address, 0);
        RegistryServer server = new RegistryServer(http, journal);
        http.setExecutor(server.workers);
        http.createContext("/", server::serve);
        http.start();
        return server;
    }

    /** For {@code schema.registry.url}. */
    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                reply(exchange, 200, routes.answer(Call.of(exchange)));
            } catch (RegistryException e) {
                if (e.status() >= 500) {
                    log.warn("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
                }
                reply(exchange, e.status(), new ErrorMessage(e.code(), e.getMessage()));
            } catch (RuntimeException e) {
                log.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
                reply(exchange, 500, new ErrorMessage(50001, e.toString()));
            }
        }
    }

    private static void reply(HttpExchange exchange, int status, Object answer) throws IOException {
        byte[] body = bytes(answer);
        exchange.getResponseHeaders().set("Content-Type", Versions.SCHEMA_REGISTRY_V1_JSON);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] bytes(Object answer) {
        try {
            return JSON.writeValueAsBytes(answer);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.stop(0);
        workers.shutdownNow();
        journal.close();
    }
}

package dev.moderato.streams.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.moderato.streams.FixedBundles;
import dev.moderato.streams.ModeratorApp;
import dev.moderato.streams.Stack;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The spans that reach a collector, read from the bytes on the wire. */
class OutcomeTracesTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String UNSAMPLED = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "b7ad6b7169203331";

    private final Queue<String> posted = new ConcurrentLinkedQueue<>();

    @Test
    void aSpanAnImageContinuesTheTraceOfItsEvent() throws Exception {
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        collector.start();
        Stack stack = Stack.fresh(1);
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
        try {
            try (ModeratorApp app = ModeratorApp.start(
                            stack.settings("traces.endpoint", endpoint, "traces.percent", "0"), new FixedBundles());
                    KafkaProducer<String, byte[]> producer = stack.producer()) {
                assertThat(app.health().ready()).isTrue();
                send(stack, producer, "traced", Stack.png(1), "00-" + TRACE + "-" + PARENT + "-01");
                send(stack, producer, "not-sampled", Stack.png(2), "00-" + UNSAMPLED + "-" + PARENT + "-00");
                send(stack, producer, "not-traced", Stack.png(3), null);
                send(stack, producer, "broken", new byte[0], "00-" + TRACE + "-" + PARENT + "-01");
                producer.flush();
                stack.read(
                        stack.topics.results().name(),
                        stack.serdes.results().deserializer(),
                        Duration.ofSeconds(60),
                        results -> results.size() >= 3);
                stack.read(
                        stack.topics.failures().name(),
                        stack.serdes.failures().deserializer(),
                        Duration.ofSeconds(60),
                        failures -> !failures.isEmpty());
            } // what is left is sent before the service has stopped
        } finally {
            collector.stop(0);
        }

        String spans = posted.stream().collect(Collectors.joining());
        assertThat(spans)
                .contains(raw(TRACE), raw(PARENT))
                .contains("service.name", "moderate", "traced", "moderato.verdict", "moderato.decode.ms")
                .contains("broken", "moderato.reason", "EMPTY")
                .doesNotContain(raw(UNSAMPLED))
                .doesNotContain("not-sampled", "not-traced");
    }

    private static void send(
            Stack stack, KafkaProducer<String, byte[]> producer, String id, byte[] image, @Nullable String trace) {
        ProducerRecord<String, byte[]> record = stack.record(id, Stack.image(id, image));
        if (trace != null) {
            record.headers().add("traceparent", trace.getBytes(StandardCharsets.US_ASCII));
        }
        var unused = producer.send(record);
    }

    private static String raw(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}

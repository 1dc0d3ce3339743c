package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.events.ModelReleased;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.PolicyPublished;
import dev.moderato.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/** Whoever can write the control topics: what does not verify changes nothing, and is told. */
class ForgedEventsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path SHIPPED = Path.of("..", "models", "demo");

    @Test
    void changeNothingAndAreTold() throws Exception {
        Stack stack = Stack.fresh(1);
        try (ModeratorApp app = ModeratorApp.start(stack.settings("model.bundle", SHIPPED.toString()));
                KafkaProducer<String, byte[]> producer = stack.producer()) {
            Map<String, ?> before = app.health().parts();

            var broken = new PolicyPublished("default", "forged", "policy: default\nlabels: [", null, "x", Stack.now());
            send(producer, stack.topics.policies(), stack.serdes.policies(), "default", broken);
            var otherBytes = new ModelReleased(
                    "demo-v1", SHIPPED.toUri().toString(), "0".repeat(64), null, Map.of(), Stack.now());
            send(producer, stack.topics.models(), stack.serdes.models(), "active", otherBytes);

            awaitWarning(app, "policy default", "forged is refused: ");
            awaitWarning(app, "model", " is refused: ");
            assertThat(app.health().parts()).isEqualTo(before);
            assertThat(app.metrics().registry().scrape())
                    .contains("moderato_distribution_total{kind=\"policy\",result=\"refused\"} 1.0")
                    .contains("moderato_distribution_total{kind=\"model\",result=\"refused\"} 1.0");
            producer.send(stack.record("after", Stack.image("after", Stack.png(1))))
                    .get();
            List<ConsumerRecord<String, ModerationResult>> results = stack.read(
                    stack.topics.results().name(),
                    stack.serdes.results().deserializer(),
                    PATIENCE,
                    records -> !records.isEmpty());
            assertThat(results).hasSize(1);
            assertThat(results.get(0).value().getPolicy().getVersion()).isNotEqualTo("forged");
        }
    }

    private static <T> void send(
            KafkaProducer<String, byte[]> producer, Topic topic, Serde<T> serde, String key, T event) throws Exception {
        byte[] value = serde.serializer().serialize(topic.name(), event);
        producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
    }

    private static void awaitWarning(ModeratorApp app, String part, String text) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!String.valueOf(app.health().warnings().get(part)).contains(text)) {
            assertThat(System.nanoTime()).as("no warning of %s", part).isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}

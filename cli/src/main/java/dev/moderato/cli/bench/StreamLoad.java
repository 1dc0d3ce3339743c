package dev.moderato.cli.bench;

import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes images, each with the time at which it was due in a header, so that a late publisher hides no latency. */
final class StreamLoad implements AutoCloseable {
    static final String DUE = "bench-due";

    private final KafkaProducer<String, byte[]> producer;
    private final Serializer<ImageSubmitted> serializer;
    private final String topic;
    private final List<byte[]> images;
    private int next;

    StreamLoad(String bootstrap, EventSerdes serdes, Topics topics, List<byte[]> images) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.IMAGE_MESSAGE_BYTES);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        this.producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        this.serializer = serdes.images().serializer();
        this.topic = topics.images().name();
        this.images = images;
    }

    /** As fast as the broker takes them. */
    void publish(int count) {
        for (int i = 0; i < count; i++) {
            send(System.nanoTime());
        }
        producer.flush();
    }

    /** At a steady rate, whatever becomes of them. */
    void publish(int count, double rate) {
        long from = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = from + (long) (i * 1e9 / rate);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            send(due);
        }
        producer.flush();
    }

    private void send(long due) {
        int number = next++;
        String id = "image-" + number;
        ImageSubmitted event = ImageSubmitted.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(images.get(number % images.size())))
                .setAttributes(Map.of())
                .setSubmittedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, id, serializer.serialize(topic, event));
        record.headers().add(DUE, ByteBuffer.allocate(Long.BYTES).putLong(due).array());
        var unused = producer.send(record);
    }

    @Override
    public void close() {
        producer.close();
        serializer.close();
    }
}

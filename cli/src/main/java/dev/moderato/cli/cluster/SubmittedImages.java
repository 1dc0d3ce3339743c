package dev.moderato.cli.cluster;

import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.Source;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Looks up the bytes of single images in the topic that they were submitted to. For one thread. */
public final class SubmittedImages implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final KafkaConsumer<String, byte[]> consumer;
    private final Deserializer<ImageSubmitted> events;

    public SubmittedImages(Cluster cluster) {
        this.consumer = cluster.consumer();
        this.events = cluster.serdes().images().deserializer();
    }

    /** The image's bytes; null where the event is gone, or holds a reference instead. */
    public byte @Nullable [] bytes(Source source) {
        TopicPartition partition = new TopicPartition(source.getTopic(), source.getPartition());
        consumer.assign(List.of(partition));
        Long first = consumer.beginningOffsets(List.of(partition)).get(partition);
        if (first == null || source.getOffset() < first) {
            return null;
        }
        consumer.seek(partition, source.getOffset());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline && consumer.position(partition) <= source.getOffset()) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(PATIENCE)) {
                if (record.offset() == source.getOffset() && record.value() != null) {
                    return inline(events.deserialize(record.topic(), record.value()));
                }
            }
        }
        return null;
    }

    private static byte @Nullable [] inline(@Nullable ImageSubmitted event) {
        if (event == null || !(event.getImage() instanceof ByteBuffer buffer)) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        consumer.close();
        events.close();
    }
}

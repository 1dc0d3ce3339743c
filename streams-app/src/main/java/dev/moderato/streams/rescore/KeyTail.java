package dev.moderato.streams.rescore;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which embeddings have a later one of the same image: it reads the topic's keys ahead, to the end. For one thread.
 */
final class KeyTail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], Void> consumer;
    private Map<TopicPartition, LastOffsets> last = new HashMap<>();

    KeyTail(EmbeddingTopic topic) {
        this.consumer = topic.consumer(new Nothing(), Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 50_000));
    }

    /** Follows these partitions, new ones from the offset given; what is known of partitions followed before stays. */
    void follow(Map<TopicPartition, Long> starts) {
        Map<TopicPartition, LastOffsets> next = new HashMap<>();
        Map<TopicPartition, Long> positions = new HashMap<>();
        starts.forEach((partition, start) -> {
            LastOffsets known = last.get(partition);
            next.put(partition, known == null ? new LastOffsets() : known);
            positions.put(partition, known == null ? start : consumer.position(partition));
        });
        last = next;
        consumer.assign(starts.keySet());
        positions.forEach(consumer::seek);
    }

    /** Reads these partitions to their ends as they are now. */
    void catchUp(Set<TopicPartition> wanted) {
        Set<TopicPartition> others = new HashSet<>(last.keySet());
        others.removeAll(wanted);
        consumer.pause(others);
        consumer.resume(wanted);
        Map<TopicPartition, Long> ends = consumer.endOffsets(wanted);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<byte[], Void> record : consumer.poll(POLL)) {
                LastOffsets offsets = last.get(new TopicPartition(record.topic(), record.partition()));
                if (offsets != null && record.key() != null) {
                    offsets.put(record.key(), record.offset());
                }
            }
        }
    }

    /** Whether a later embedding of the same image exists, as far as was read. */
    boolean hasLater(ConsumerRecord<byte[], ?> record) {
        LastOffsets offsets = last.get(new TopicPartition(record.topic(), record.partition()));
        return offsets != null && record.key() != null && offsets.hasLater(record.key(), record.offset());
    }

    @Override
    public void close() {
        consumer.close();
    }

    /** Leaves values where they are. */
    private static final class Nothing implements Deserializer<Void> {
        @Override
        public @Nullable Void deserialize(String topic, byte @Nullable [] data) {
            return null;
        }

        @Override
        public @Nullable Void deserialize(String topic, Headers headers, @Nullable ByteBuffer data) {
            return null;
        }
    }
}

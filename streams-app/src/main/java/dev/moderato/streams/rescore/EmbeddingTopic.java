package dev.moderato.streams.rescore;

import dev.moderato.schemas.Topics;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** The embeddings topic as it is read in bulk. */
public final class EmbeddingTopic {
    private final String name;
    private final Map<String, Object> client;

    public EmbeddingTopic(Topics topics, Map<String, Object> client) {
        this.name = topics.embeddings().name();
        this.client = Map.copyOf(client);
    }

    String name() {
        return name;
    }

    /** How many offsets lie between a moment and the end: about as many embeddings, more where some were replaced. */
    public long size(Instant since) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(new ByteArrayDeserializer(), Map.of())) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions(consumer));
            Map<TopicPartition, Long> starts = starts(consumer, since, ends);
            return ends.entrySet().stream()
                    .mapToLong(end -> end.getValue() - starts.getOrDefault(end.getKey(), 0L))
                    .sum();
        }
    }

    /**
     * A consumer that takes megabytes at a time, unless the client's settings have it otherwise.
     *
     * @param more settings that win
     */
    <V> KafkaConsumer<byte[], V> consumer(Deserializer<V> values, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
        config.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, 4 << 20);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 4000);
        config.putAll(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.putAll(more);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), values);
    }

    List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer) {
        return consumer.partitionsFor(name).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    /** The first offset of each partition whose record is from then or later; its end where none is. */
    static Map<TopicPartition, Long> starts(
            KafkaConsumer<?, ?> consumer, Instant since, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> times = new HashMap<>();
        ends.keySet().forEach(partition -> times.put(partition, Math.max(0, since.toEpochMilli())));
        Map<TopicPartition, Long> starts = new HashMap<>(ends);
        for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
                consumer.offsetsForTimes(times).entrySet()) {
            if (found.getValue() != null) {
                starts.put(found.getKey(), found.getValue().offset());
            }
        }
        return starts;
    }
}

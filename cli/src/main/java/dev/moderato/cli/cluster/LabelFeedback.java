package dev.moderato.cli.cluster;

import dev.moderato.events.Feedback;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** What people said of one label. */
public final class LabelFeedback {
    private LabelFeedback() {}

    /**
     * Reads the feedback topic to its end.
     *
     * @return whether the label is present, by image id; the last word on an image counts
     */
    public static Map<String, Boolean> read(Cluster cluster, String label, Instant since) {
        Map<String, Boolean> present = new HashMap<>();
        try (KafkaConsumer<String, byte[]> consumer = cluster.consumer();
                Deserializer<Feedback> events = cluster.serdes().feedback().deserializer()) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(cluster.topics().feedback().name())
                    .stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Feedback feedback = events.deserialize(record.topic(), record.value());
                    if (feedback != null
                            && feedback.getLabel().equals(label)
                            && !feedback.getAt().isBefore(since)) {
                        present.put(feedback.getId(), feedback.getPresent());
                    }
                }
            }
        }
        return present;
    }
}

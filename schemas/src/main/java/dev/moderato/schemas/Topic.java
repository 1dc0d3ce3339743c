package dev.moderato.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * One topic as it should be.
 *
 * @param partitions at least 1
 * @param cleanup what the broker throws away
 * @param retention how long a record is kept; null where time removes none
 * @param maxMessageBytes largest record batch that the broker takes
 */
public record Topic(
        String name,
        int partitions,
        Cleanup cleanup,
        @Nullable Duration retention,
        int maxMessageBytes) {

    /** What a broker throws away of a topic. */
    public enum Cleanup {
        /** What is older than the retention. */
        TIME("delete"),
        /** What a later record of the same key replaces. */
        COMPACT("compact"),
        /** Both. */
        COMPACT_AND_TIME("compact,delete");

        private final String policy;

        Cleanup(String policy) {
            this.policy = policy;
        }

        /** As Kafka spells it in {@code cleanup.policy}. */
        public String policy() {
            return policy;
        }
    }

    public Topic {
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "Topic " + name + " has " + partitions + " partitions: give it at least 1.");
        }
        if (retention == null && cleanup != Cleanup.COMPACT) {
            throw new IllegalArgumentException("Topic " + name + " needs a retention unless it is only compacted.");
        }
        if (retention != null && cleanup == Cleanup.COMPACT) {
            throw new IllegalArgumentException("Topic " + name + " is only compacted: a retention would say nothing.");
        }
    }

    /** The topic's settings as Kafka spells them, those that differ from the broker's own defaults or must not. */
    public Map<String, String> config() {
        Map<String, String> config = new TreeMap<>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup.policy());
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        if (retention != null) {
            config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        }
        return config;
    }

    /** The request that creates this topic with the broker's default replication. */
    public NewTopic request() {
        return request(Optional.empty());
    }

    /** The request that creates this topic. */
    public NewTopic request(Optional<Short> replication) {
        return new NewTopic(name, Optional.of(partitions), replication).configs(config());
    }
}

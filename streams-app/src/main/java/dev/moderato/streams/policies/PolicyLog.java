package dev.moderato.streams.policies;

import dev.moderato.events.PolicyPublished;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The policies topic as a log of versions. A version is appended only over the one that its author saw: all publishers
 * share one transactional id, so of two at a time the later one is told so.
 */
public final class PolicyLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    /**
     * What the log holds.
     *
     * @param current by name
     * @param archive by {@code name@version}
     */
    public record State(Map<String, PolicyPublished> current, Map<String, PolicyPublished> archive) {
        public @Nullable String version(String name) {
            PolicyPublished published = current.get(name);
            return published == null ? null : published.getVersion();
        }
    }

    private final Topics topics;
    private final Map<String, Object> client;
    private final Serde<PolicyPublished> serde;

    public PolicyLog(Topics topics, Map<String, Object> client, EventSerdes serdes) {
        this.topics = topics;
        this.client = Map.copyOf(client);
        this.serde = serdes.policies();
    }

    /** Reads the whole log, to the end that it has now. */
    public State read() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        Deserializer<PolicyPublished> values = new Shared(serde.deserializer());
        try (KafkaConsumer<String, PolicyPublished> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), values)) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(topics.policies().name())
                    .stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            State state = new State(new TreeMap<>(), new TreeMap<>());
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(record -> put(state, record.key(), record.value()));
            }
            return state;
        }
    }

    /**
     * Makes a version the current one and keeps it in the archive.
     *
     * @param seen the version that this one is to replace; null where there should be none
     * @throws PolicyConflictException where another version is current: nothing was published
     */
    public void publish(PolicyPublished version, @Nullable String seen) throws PolicyConflictException {
        append(version.getName(), version, seen);
    }

    /**
     * Takes a policy out of force; its versions stay in the archive.
     *
     * @param seen the version that is to be retired
     * @throws PolicyConflictException where another version is current: nothing was retired
     */
    public void retire(String name, String seen) throws PolicyConflictException {
        append(name, null, seen);
    }

    @Override
    public void close() {
        serde.close();
    }

    private void append(String name, @Nullable PolicyPublished version, @Nullable String seen)
            throws PolicyConflictException {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.policies().name() + ".publisher");
        Serializer<PolicyPublished> values = new SharedSerializer(serde.serializer());
        try (KafkaProducer<String, PolicyPublished> producer =
                new KafkaProducer<>(config, new StringSerializer(), values)) {
            producer.initTransactions(); // from here on any other publisher fails
            State state = read();
            String current = state.version(name);
            if (!Optional.ofNullable(current).equals(Optional.ofNullable(seen))) {
                throw new PolicyConflictException(name, seen, state.current().get(name));
            }
            producer.beginTransaction();
            String topic = topics.policies().name();
            if (version != null) {
                var unusedToo = producer.send(new ProducerRecord<>(topic, name + "@" + version.getVersion(), version));
            }
            var unused = producer.send(new ProducerRecord<>(topic, name, version));
            producer.commitTransaction(); // fails where one of them did
        } catch (KafkaException e) {
            throw new KafkaException("policy " + name + " was not published: " + e.getMessage(), e);
        }
    }

    private static void put(State state, @Nullable String key, @Nullable PolicyPublished value) {
        if (key == null) {
            return;
        }
        Map<String, PolicyPublished> into = key.contains("@") ? state.archive() : state.current();
        if (value == null) {
            into.remove(key);
        } else {
            into.put(key, value);
        }
    }

    /** Outlives the client that uses it. */
    private record Shared(Deserializer<PolicyPublished> to) implements Deserializer<PolicyPublished> {
        @Override
        public @Nullable PolicyPublished deserialize(String topic, byte @Nullable [] data) {
            return data == null ? null : to.deserialize(topic, data);
        }
    }

    /** Likewise. */
    private record SharedSerializer(Serializer<PolicyPublished> to) implements Serializer<PolicyPublished> {
        @Override
        public byte @Nullable [] serialize(String topic, @Nullable PolicyPublished value) {
            return value == null ? null : to.serialize(topic, value);
        }
    }
}

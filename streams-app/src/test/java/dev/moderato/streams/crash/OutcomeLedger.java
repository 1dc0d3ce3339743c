package dev.moderato.streams.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Source;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What committed outcomes there are of each event, by the event's own partition and offset. */
final class OutcomeLedger implements AutoCloseable {
    private record Event(int partition, long offset) {}

    private final Topics topics;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Deserializer<ModerationResult> results;
    private final Deserializer<ModerationFailure> failures;
    private final List<TopicPartition> images = new ArrayList<>();
    private final Map<Event, Integer> outcomes = new HashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    /** The last offset that was seen of each key, by the topic of its outcomes. */
    private final Map<String, Long> lastOfKey = new HashMap<>();

    private final List<String> disorder = new ArrayList<>();

    OutcomeLedger(String bootstrap, String registry, Topics topics) {
        this.topics = topics;
        EventSerdes serdes = EventSerdes.at(registry);
        this.results = serdes.results().deserializer();
        this.failures = serdes.failures().deserializer();
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5000),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.partitionsFor(topics.images().name())
                .forEach(info -> images.add(new TopicPartition(info.topic(), info.partition())));
        List<TopicPartition> assigned = Stream.of(
                        topics.results().name(),
                        topics.failures().name(),
                        topics.deadLetters().name())
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(assigned);
        consumer.seekToBeginning(assigned);
    }

    /** Reads what is there. */
    void read(Duration atMost) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
            if (record.topic().equals(topics.deadLetters().name())) {
                add(
                        new Event(number(record, "partition").intValue(), number(record, "offset")),
                        "dead letter",
                        "dead letters",
                        String.valueOf(record.key()));
            } else if (record.topic().equals(topics.results().name())) {
                ModerationResult result = results.deserialize(record.topic(), record.value());
                add(event(result.getSource()), "result", "results", result.getId());
            } else {
                ModerationFailure failure = failures.deserialize(record.topic(), record.value());
                add(event(failure.getSource()), failure.getReason().name(), "failures", record.key());
            }
        }
    }

    /** Reads until every event has an outcome and no more come, or until nothing came for as long as {@code patience}. */
    void readToTheEnd(Duration patience, Runnable meanwhile) {
        long events = events();
        int before = outcomes.size();
        long deadline = System.nanoTime() + patience.toNanos();
        while (outcomes.size() < events && System.nanoTime() < deadline) {
            read(Duration.ofMillis(200));
            meanwhile.run();
            if (outcomes.size() > before) {
                before = outcomes.size();
                deadline = System.nanoTime() + patience.toNanos();
            }
        }
        long quiet = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        while (System.nanoTime() < quiet) { // whatever is double would be seen by now
            read(Duration.ofMillis(200));
        }
    }

    /** Events that have an outcome, as far as was read. */
    int seen() {
        read(Duration.ofMillis(500));
        return outcomes.size();
    }

    String summary() {
        return events() + " events, " + outcomes.size() + " with an outcome, " + counts;
    }

    /** No event without an outcome, none with two, and those of a key in the order of its events. */
    void check() {
        consumer.endOffsets(images).forEach((partition, end) -> {
            List<Long> lost = new ArrayList<>();
            for (long offset = 0; offset < end; offset++) {
                if (!outcomes.containsKey(new Event(partition.partition(), offset))) {
                    lost.add(offset);
                }
            }
            assertThat(lost).as("lost of %s", partition).isEmpty();
        });
        assertThat(outcomes.entrySet().stream().filter(event -> event.getValue() > 1))
                .as("events with more than one outcome")
                .isEmpty();
        assertThat(disorder).as("out of order").isEmpty();
    }

    private long events() {
        return consumer.endOffsets(images).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private void add(Event event, String what, String topic, String key) {
        outcomes.merge(event, 1, Integer::sum);
        counts.merge(what, 1, Integer::sum);
        Long before = lastOfKey.put(topic + "/" + key, event.offset());
        if (before != null && before >= event.offset()) {
            disorder.add(key + " in " + topic + ": offset " + event.offset() + " after " + before);
        }
    }

    private static Event event(Source source) {
        return new Event(source.getPartition(), source.getOffset());
    }

    private static Long number(ConsumerRecord<?, ?> record, String name) {
        return Long.valueOf(new String(
                record.headers().lastHeader("__streams.errors." + name).value(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        consumer.close();
    }
}

package dev.moderato.cli.cluster;

import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads committed outcomes as they come, without a consumer group. For one thread. */
public final class OutcomeTail implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final String resultsTopic;
    private final Deserializer<ModerationResult> results;
    private final Deserializer<ModerationFailure> failures;
    private final Map<TopicPartition, Long> ends;

    private OutcomeTail(Cluster cluster, boolean fromStart) {
        this.consumer = cluster.consumer();
        this.resultsTopic = cluster.topics().results().name();
        this.results = cluster.serdes().results().deserializer();
        this.failures = cluster.serdes().failures().deserializer();
        Collection<TopicPartition> partitions = Stream.of(
                        resultsTopic, cluster.topics().failures().name())
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        this.ends = consumer.endOffsets(partitions);
        if (fromStart) {
            consumer.seekToBeginning(partitions);
        } else {
            ends.forEach(consumer::seek);
        }
    }

    /** What is committed from now on. */
    public static OutcomeTail fromNow(Cluster cluster) {
        return new OutcomeTail(cluster, false);
    }

    /** All that the topics still hold, then what is committed from now on. */
    public static OutcomeTail fromStart(Cluster cluster) {
        return new OutcomeTail(cluster, true);
    }

    /** The outcomes that came within the time, in order per partition; empty where none did. */
    public List<Outcome> poll(Duration atMost) {
        List<Outcome> outcomes = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> found : consumer.poll(atMost)) {
            outcomes.add(
                    found.topic().equals(resultsTopic)
                            ? new Outcome.Judged(results.deserialize(found.topic(), found.value()))
                            : new Outcome.Failed(failures.deserialize(found.topic(), found.value())));
        }
        return outcomes;
    }

    /** Whether all that was there at the start has been read. */
    public boolean readToTheEnd() {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /** Makes a poll on another thread return at once, by an exception. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
        results.close();
        failures.close();
    }
}

package dev.moderato.streams.models;

import dev.moderato.bundles.BundleStore;
import dev.moderato.events.ModelReleased;
import dev.moderato.events.PolicyPublished;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.registry.RegistryFaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the policies and models topics from their beginning to the end that they had at start, makes a snapshot of it,
 * then follows them. One thread reads, encodes texts and opens sessions, all beside the stream.
 */
public final class ControlTopics implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlTopics.class);
    private static final String ACTIVE = "active";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Topics topics;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Deserializer<PolicyPublished> policies;
    private final Deserializer<ModelReleased> models;
    private final Arrivals arrivals;
    private final SnapshotKeeper keeper;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private final Thread thread;
    private final DistributionListener listener;
    /** Where the topics ended at start. */
    private Map<TopicPartition, Long> ends = Map.of();

    private boolean read;
    /** Whether something was heard that is not applied yet. */
    private boolean pending;

    private volatile boolean closing;
    private volatile String missing = "the policies and models topics are being read";

    /**
     * @param client Kafka client properties
     * @param fallback the bundle that serves as long as none was announced; null for none
     * @param store where announced bundles are had from
     * @param starter puts an opened model into service
     */
    public ControlTopics(
            Topics topics,
            Map<String, Object> client,
            EventSerdes serdes,
            @Nullable Path fallback,
            BundleStore store,
            BundleOpener opener,
            Function<ServingModel.Parts, ServingModel> starter,
            Snapshots snapshots,
            DistributionListener listener) {
        this.topics = topics;
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        this.consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        this.policies = serdes.policies().deserializer();
        this.models = serdes.models().deserializer();
        this.arrivals = new Arrivals(store);
        this.keeper = new SnapshotKeeper(fallback, arrivals, opener, starter, snapshots, listener);
        this.listener = listener;
        this.thread = new Thread(this::follow, "control-topics");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Waits for the first snapshot.
     *
     * @throws IllegalStateException where there is none in time, with what is missing
     */
    public void awaitSnapshot(Duration timeout) throws InterruptedException {
        try {
            ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("not ready after " + timeout.toSeconds() + " s: " + missing, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("never completed with a failure", e);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try {
            while (!closing) {
                try {
                    step();
                    listener.followed();
                } catch (WakeupException | InterruptException e) {
                    throw e;
                } catch (RuntimeException e) {
                    missing = "the policies and models topics cannot be read: " + e;
                    listener.notFollowed(e.toString());
                    pause();
                }
            }
        } catch (WakeupException | InterruptException e) {
            log.debug("the control topics are no longer followed");
        } finally {
            arrivals.close();
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            policies.close();
            models.close();
        }
    }

    private void step() {
        if (ends.isEmpty()) {
            ends = assign();
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
            pending |= hearPatiently(record);
        }
        if (!read && ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
            read = true;
            pending = true;
        }
        if (read && (pending || keeper.hasNews())) {
            apply();
            pending = false;
        }
    }

    private void apply() {
        keeper.apply();
        String lacking = keeper.missing();
        if (lacking == null) {
            ready.complete(null);
        } else if (!ready.isDone()) {
            missing = lacking;
            log.warn("waiting: {}", lacking);
        }
    }

    private Map<TopicPartition, Long> assign() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : List.of(topics.policies().name(), topics.models().name())) {
            for (PartitionInfo info : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer.endOffsets(partitions);
    }

    /** Hears one record, however long the registry takes to come back. */
    private boolean hearPatiently(ConsumerRecord<String, byte[]> record) {
        while (true) {
            try {
                return hear(record);
            } catch (RuntimeException e) {
                if (closing || !RegistryFaults.mayPass(e)) {
                    throw e;
                }
                log.warn("waiting for the Schema Registry to read {}: {}", record.topic(), e.toString());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Hears one record; false where it changes nothing. */
    private boolean hear(ConsumerRecord<String, byte[]> record) {
        String key = record.key();
        if (key == null || key.contains("@")) {
            return false; // the archive
        }
        try {
            if (record.topic().equals(topics.models().name())) {
                if (!key.equals(ACTIVE)) {
                    return false;
                }
                ModelReleased released =
                        record.value() == null ? null : models.deserialize(record.topic(), record.value());
                keeper.model(
                        released == null
                                ? null
                                : new Announced.Model(released.getId(), released.getUri(), released.getSha256()));
            } else {
                PolicyPublished published =
                        record.value() == null ? null : policies.deserialize(record.topic(), record.value());
                keeper.policy(
                        key,
                        published == null
                                ? null
                                : new Announced.PolicyText(key, published.getVersion(), published.getSource()));
            }
            return true;
        } catch (RuntimeException e) {
            if (RegistryFaults.mayPass(e)) {
                throw e;
            }
            log.error(
                    "{}-{} offset {} is passed over, it cannot be read: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.toString());
            return false;
        }
    }
}

package dev.moderato.streams.rescore;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ModerationResult;
import dev.moderato.inference.policy.Rejudging;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;

/** One member of the group: reads, judges, publishes and commits until its partitions are done. */
final class RescoreWorker implements ConsumerRebalanceListener {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int BATCH = 64;
    /** How long a killed member keeps its partitions, and its unfinished results keep readers waiting, at most. */
    private static final int GIVEN_UP_MILLIS = 10_000;

    private final RescoreJob.Plan plan;
    private final EmbeddingTopic embeddings;
    private final Map<TopicPartition, Long> starts;
    private final Map<TopicPartition, Long> ends;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<String, ModerationResult> producer;
    private final Serde<ImageEmbedding> values;
    private final KeyTail keys;
    private final Sieve sieve;
    private final Rejudging batch;
    private final RescoredEvents events;
    private Tally judged = Tally.NONE;

    RescoreWorker(
            RescoreJob.Plan plan,
            EmbeddingTopic embeddings,
            Topics topics,
            Map<String, Object> client,
            EventSerdes serdes,
            Map<TopicPartition, Long> starts,
            Map<TopicPartition, Long> ends) {
        this.plan = plan;
        this.embeddings = embeddings;
        this.starts = starts;
        this.ends = ends;
        this.consumer = embeddings.consumer(
                new ByteArrayDeserializer(),
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        plan.group(),
                        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                        GIVEN_UP_MILLIS));
        this.producer = producer(plan.group(), client, serdes);
        this.values = serdes.embeddings();
        this.keys = new KeyTail(embeddings);
        this.sieve = new Sieve(plan.selection(), plan.after().embeddingSize(), values.deserializer());
        this.batch = new Rejudging(plan.before() == null ? plan.after() : plan.before(), plan.after());
        this.events = new RescoredEvents(
                topics.results().name(),
                plan.after().policy(),
                plan.before() == null ? null : plan.before().policy(),
                Clock.systemUTC());
    }

    private static KafkaProducer<String, ModerationResult> producer(
            String group, Map<String, Object> client, EventSerdes serdes) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group + "-" + UUID.randomUUID());
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, GIVEN_UP_MILLIS);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        return new KafkaProducer<>(
                config, new StringSerializer(), serdes.results().serializer());
    }

    /** @param stopping whether to leave the rest to another run */
    Tally work(LongConsumer advance, BooleanSupplier stopping) {
        try (producer;
                consumer;
                keys;
                values) {
            producer.initTransactions();
            consumer.subscribe(Set.of(embeddings.name()), this);
            while (!stopping.getAsBoolean() && !done()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    keys.catchUp(records.partitions());
                    commit(judge(sieve.keep(records, keys)), positions());
                    advance.accept(records.count());
                }
            }
            return sieve.tally().plus(judged);
        }
    }

    private List<ProducerRecord<String, ModerationResult>> judge(List<StoredImage> images) {
        List<ProducerRecord<String, ModerationResult>> results = new ArrayList<>();
        List<StoredImage> added = new ArrayList<>(BATCH);
        long otherSurface = 0;
        for (StoredImage image : images) {
            try {
                batch.add(image.event().getSurface(), image.frames());
                added.add(image);
            } catch (UnknownSurfaceException e) {
                otherSurface++;
            }
            if (added.size() == BATCH) {
                judge(added, results);
            }
        }
        judge(added, results);
        judged = judged.plus(new Tally(0, images.size() - otherSurface, results.size(), 0, 0, 0, otherSurface, 0));
        return results;
    }

    private void judge(List<StoredImage> added, List<ProducerRecord<String, ModerationResult>> results) {
        batch.run();
        for (int i = 0; i < added.size(); i++) {
            if (plan.all() || plan.before() == null || batch.changed(i)) {
                results.add(events.record(added.get(i).event(), batch.decision(i), batch.before(i)));
            }
        }
        batch.clear();
        added.clear();
    }

    private void commit(
            List<ProducerRecord<String, ModerationResult>> results, Map<TopicPartition, OffsetAndMetadata> positions) {
        if (results.isEmpty()) {
            consumer.commitSync(positions);
            return;
        }
        producer.beginTransaction();
        results.forEach(result -> {
            var unused = producer.send(result); // the commit fails where this does
        });
        producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
        producer.commitTransaction();
    }

    private Map<TopicPartition, OffsetAndMetadata> positions() {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            positions.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        }
        return positions;
    }

    /** Whether the partitions of this member are at their ends; without partitions, whether everybody's are. */
    private boolean done() {
        Set<TopicPartition> own = consumer.assignment();
        if (own.isEmpty()) {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(ends.keySet());
            return ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata at = committed.get(end.getKey());
                return at != null && at.offset() >= end.getValue();
            });
        }
        boolean done =
                own.stream().allMatch(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
        if (done) {
            consumer.commitSync(positions()); // so that members without partitions, here and elsewhere, see it
        }
        return done;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(assigned));
        for (TopicPartition partition : assigned) {
            if (committed.get(partition) == null) {
                consumer.seek(partition, starts.getOrDefault(partition, 0L));
            }
        }
        Map<TopicPartition, Long> follow = new HashMap<>();
        consumer.assignment().forEach(partition -> follow.put(partition, consumer.position(partition)));
        keys.follow(follow);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        // nothing is in work between polls: what was read is committed
    }
}

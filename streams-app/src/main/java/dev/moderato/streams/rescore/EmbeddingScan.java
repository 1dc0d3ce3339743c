package dev.moderato.streams.rescore;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;

/** Reads stored embeddings once, to the offsets that the topic ends at now, and leaves no trace on the cluster. */
public final class EmbeddingScan {
    private static final Duration POLL = Duration.ofMillis(200);

    private final EmbeddingTopic embeddings;
    private final EventSerdes serdes;

    public EmbeddingScan(Topics topics, Map<String, Object> client, EventSerdes serdes) {
        this.embeddings = new EmbeddingTopic(topics, client);
        this.serdes = serdes;
    }

    /**
     * Hands every selected image to one of the takers: the last embedding of each.
     *
     * @param embeddingSize the model's
     * @param takers makes one taker a thread
     * @param progress hears how many embeddings were read so far, from any thread
     */
    public Tally run(
            Selection selection,
            int embeddingSize,
            int threads,
            Supplier<Consumer<StoredImage>> takers,
            LongConsumer progress)
            throws InterruptedException {
        Map<TopicPartition, Long> ends;
        Map<TopicPartition, Long> starts;
        try (KafkaConsumer<byte[], byte[]> consumer = embeddings.consumer(new ByteArrayDeserializer(), Map.of())) {
            ends = consumer.endOffsets(embeddings.partitions(consumer));
            starts = EmbeddingTopic.starts(consumer, selection.since(), ends);
        }
        List<Map<TopicPartition, Long>> shares = shares(starts, threads);
        LongAdder read = new LongAdder();
        LongConsumer advance = count -> {
            read.add(count);
            progress.accept(read.sum());
        };
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "embeddings");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Tally>> running = new ArrayList<>();
            for (Map<TopicPartition, Long> share : shares) {
                Consumer<StoredImage> taker = takers.get();
                running.add(pool.submit(() -> read(share, ends, selection, embeddingSize, taker, advance)));
            }
            Tally tally = Tally.NONE;
            for (Future<Tally> one : running) {
                tally = tally.plus(one.get());
            }
            return tally;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new KafkaException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Map<TopicPartition, Long>> shares(Map<TopicPartition, Long> starts, int threads) {
        List<Map<TopicPartition, Long>> shares = new ArrayList<>();
        starts.forEach((partition, start) -> {
            int share = partition.partition() % threads;
            while (shares.size() <= share) {
                shares.add(new HashMap<>());
            }
            shares.get(share).put(partition, start);
        });
        return shares;
    }

    private Tally read(
            Map<TopicPartition, Long> starts,
            Map<TopicPartition, Long> ends,
            Selection selection,
            int embeddingSize,
            Consumer<StoredImage> taker,
            LongConsumer advance) {
        try (KafkaConsumer<byte[], byte[]> consumer = embeddings.consumer(new ByteArrayDeserializer(), Map.of());
                KeyTail keys = new KeyTail(embeddings);
                Serde<ImageEmbedding> values = serdes.embeddings()) {
            Sieve sieve = new Sieve(selection, embeddingSize, values.deserializer());
            consumer.assign(starts.keySet());
            starts.forEach(consumer::seek);
            keys.follow(starts);
            long judged = 0;
            while (starts.keySet().stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    keys.catchUp(records.partitions());
                    List<StoredImage> kept = sieve.keep(records, keys);
                    kept.forEach(taker);
                    judged += kept.size();
                    advance.accept(records.count());
                }
            }
            return sieve.tally().plus(new Tally(0, judged, 0, 0, 0, 0, 0, 0));
        }
    }
}

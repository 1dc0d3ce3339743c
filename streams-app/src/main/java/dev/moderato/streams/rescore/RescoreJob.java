package dev.moderato.streams.rescore;

import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Judges stored embeddings by a policy and publishes results with the origin RESCORE. The work is a consumer group's: it
 * stops at the offsets that the topic ended at when it started, goes on where an earlier run was cut off, and several
 * processes share the partitions. Results and progress are committed together, so none is published twice.
 */
public final class RescoreJob {
    /**
     * What is to be done.
     *
     * @param group the consumer group: equal groups are the same work, done once
     * @param before the policy whose outcomes count as unchanged; null where none is known: then every image counts as changed
     * @param all whether unchanged images are published too
     * @param threads at least 1
     */
    public record Plan(
            String group,
            Selection selection,
            PolicyScorer after,
            @Nullable PolicyScorer before,
            boolean all,
            int threads) {}

    private final Topics topics;
    private final Map<String, Object> client;
    private final EventSerdes serdes;
    private final EmbeddingTopic embeddings;
    private volatile boolean stopping;

    public RescoreJob(Topics topics, Map<String, Object> client, EventSerdes serdes) {
        this.topics = topics;
        this.client = Map.copyOf(client);
        this.serdes = serdes;
        this.embeddings = new EmbeddingTopic(topics, client);
    }

    /**
     * Works to the end, or until it is stopped.
     *
     * @param progress hears how many embeddings were read so far, from any thread
     * @return what this process did
     * @throws KafkaException where the cluster fails; what was committed stays done
     */
    public Tally run(Plan plan, LongConsumer progress) throws InterruptedException {
        Map<TopicPartition, Long> ends;
        Map<TopicPartition, Long> starts;
        try (KafkaConsumer<byte[], byte[]> consumer = embeddings.consumer(new ByteArrayDeserializer(), Map.of())) {
            ends = consumer.endOffsets(embeddings.partitions(consumer));
            starts = EmbeddingTopic.starts(consumer, plan.selection().since(), ends);
        }
        LongAdder read = new LongAdder();
        LongConsumer advance = count -> {
            read.add(count);
            progress.accept(read.sum());
        };
        ExecutorService threads = Executors.newFixedThreadPool(plan.threads(), task -> {
            Thread thread = new Thread(task, "rescore");
            thread.setDaemon(true);
            return thread;
        });
        try {
            ExecutorCompletionService<Tally> work = new ExecutorCompletionService<>(threads);
            List<Future<Tally>> running = new ArrayList<>();
            for (int i = 0; i < plan.threads(); i++) {
                running.add(work.submit(() -> new RescoreWorker(plan, embeddings, topics, client, serdes, starts, ends)
                        .work(advance, () -> stopping)));
            }
            Tally tally = Tally.NONE;
            for (int i = 0; i < running.size(); i++) {
                tally = tally.plus(work.take().get());
            }
            return tally;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new KafkaException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Asks {@link #run} to return once what is in work is committed; another run goes on from there. */
    public void stop() {
        stopping = true;
    }

    /** Forgets what an earlier run of the same work has done, so that the next one begins anew. */
    public void forget(String group) throws InterruptedException {
        try (Admin admin = Admin.create(client)) {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw new KafkaException("the progress of " + group + " cannot be forgotten: " + e.getCause(), e);
            }
        }
    }
}

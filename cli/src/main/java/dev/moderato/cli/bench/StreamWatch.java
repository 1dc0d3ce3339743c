package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Progress;
import dev.moderato.schemas.Topics;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Counts outcomes as a reader of committed records sees them; the first ones warm the JVM and are not measured. */
final class StreamWatch implements AutoCloseable {
    private static final Duration STALLED = Duration.ofSeconds(60);

    /**
     * What was seen after the warm-up.
     *
     * @param images seen
     * @param nanos from the first to the last of them
     * @param cpuNanos of the whole process meanwhile: broker, publisher and this reader as well
     * @param latencyMicros from when an image was due to when its outcome was seen
     */
    record Seen(int images, long nanos, long cpuNanos, Histogram latencyMicros) {
        double perSecond() {
            return images * 1e9 / nanos;
        }
    }

    private final KafkaConsumer<String, byte[]> consumer;

    StreamWatch(String bootstrap, Topics topics) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        10,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        10_000),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = Stream.of(
                        topics.results().name(), topics.failures().name())
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        partitions.forEach(consumer::position);
    }

    /**
     * Waits until so many outcomes were seen.
     *
     * @param warmUp how many of them come before the measurement
     * @throws CommandFailed where none comes for a while
     */
    Seen await(int total, int warmUp, Progress progress) {
        Histogram latency = new Histogram(TimeUnit.MINUTES.toMicros(30), 3);
        int seen = 0;
        int before = 0;
        long from = 0;
        long cpuFrom = 0;
        long last = System.nanoTime();
        while (seen < total) {
            var records = consumer.poll(Duration.ofMillis(50));
            long now = System.nanoTime();
            if (records.isEmpty()) {
                if (now - last > STALLED.toNanos()) {
                    throw CommandFailed.because("no outcome for " + STALLED.toSeconds() + " s: " + seen + " of " + total
                            + " images were moderated");
                }
                continue;
            }
            last = now;
            seen += records.count();
            if (from == 0 && seen >= warmUp) {
                before = seen;
                from = now;
                cpuFrom = cpuNanos();
            } else if (from != 0) {
                for (ConsumerRecord<String, byte[]> record : records) {
                    long due = ByteBuffer.wrap(
                                    record.headers().lastHeader(StreamLoad.DUE).value())
                            .getLong();
                    latency.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(now - due)));
                }
            }
            progress.at(seen);
        }
        return new Seen(seen - before, last - from, cpuNanos() - cpuFrom, latency);
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    @Override
    public void close() {
        consumer.close();
    }
}

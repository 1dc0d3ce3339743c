package dev.moderato.cli.policy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Set up by a client's properties, it makes a process die in the midst of a transaction (at the broker's answer to so many
 * records), wait before it sends until a file is there, or pause before each record.
 */
public final class SlowClient implements ProducerInterceptor<Object, Object>, ConsumerInterceptor<Object, Object> {
    static final String DIE_AT = "slow.die.at";
    static final String GATE = "slow.gate";
    static final String PAUSE_MILLIS = "slow.pause.millis";

    private static final AtomicInteger ANSWERED = new AtomicInteger();

    private Map<String, ?> settings = Map.of();

    @Override
    public void configure(Map<String, ?> configs) {
        settings = configs;
    }

    @Override
    public ProducerRecord<Object, Object> onSend(ProducerRecord<Object, Object> record) {
        try {
            while (settings.get(GATE) instanceof String gate && !Files.exists(Path.of(gate))) {
                Thread.sleep(20);
            }
            if (settings.get(PAUSE_MILLIS) instanceof String millis) {
                Thread.sleep(Long.parseLong(millis));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return record;
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception exception) {
        if (settings.get(DIE_AT) instanceof String last && ANSWERED.incrementAndGet() == Integer.parseInt(last)) {
            Runtime.getRuntime().halt(137); // as SIGKILL: no hook runs
        }
    }

    @Override
    public ConsumerRecords<Object, Object> onConsume(ConsumerRecords<Object, Object> records) {
        return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        // nothing to see
    }

    @Override
    public void close() {
        // nothing is open
    }
}

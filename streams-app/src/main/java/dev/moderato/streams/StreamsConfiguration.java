package dev.moderato.streams;

import dev.moderato.schemas.Topics;
import dev.moderato.streams.emit.UnreadableRecords;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.StreamSettings;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/** What Kafka Streams is told. The user's own client properties win, but not over what exactly-once needs. */
final class StreamsConfiguration {
    /** A poll brings a few images a partition, not fifty megabytes. */
    private static final int FETCH_BYTES = 16 << 20;

    private static final int PARTITION_BYTES = 1 << 20;

    /** Results are many and small: at Kafka's 16 KiB an image costs a third more CPU, its encoding aside. */
    private static final int PRODUCED_BYTES = 256 << 10;

    /** In a session. */
    private static final int HEARTBEATS = 20;

    private StreamsConfiguration() {}

    static Properties of(AppSettings settings, Topics topics) {
        StreamSettings stream = settings.stream();
        Properties config = new Properties();
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), FETCH_BYTES);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), PARTITION_BYTES);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), PRODUCED_BYTES);
        if (stream.protocol() == StreamSettings.GroupProtocol.CLASSIC) { // members of the streams protocol leave anyway
            config.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, LeavingClients.class);
        }
        config.putAll(settings.kafka().clientConfig());
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, stream.applicationId());
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, stream.threads());
        config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, stream.protocol().name());
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, stream.commit().toMillis());
        config.put(StreamsConfig.POLL_MS_CONFIG, stream.poll().toMillis());
        config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, stream.intake());
        config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        if (stream.protocol() == StreamSettings.GroupProtocol.CLASSIC) { // the streams protocol has it on the broker
            config.put(
                    StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                    Math.toIntExact(stream.session().toMillis()));
            // threads learn of a rebalance by their next heartbeat: at Kafka's 3 s a start takes as long
            config.put(
                    StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
                    Math.toIntExact(Math.min(3000, stream.session().toMillis() / HEARTBEATS)));
        }
        // any other handler of these two would drop images
        config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndFailProcessingExceptionHandler.class);
        config.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, DefaultProductionExceptionHandler.class);
        config.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
        config.put(
                StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
                topics.deadLetters().name());
        config.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                Math.toIntExact(stream.transaction().toMillis()));
        config.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.IMAGE_MESSAGE_BYTES);
        return config;
    }
}

package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.events.ImageSubmitted;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** Publishes image events. */
public final class ImagePublisher implements AutoCloseable {
    private final KafkaProducer<String, ImageSubmitted> producer;
    private final String topic;

    private ImagePublisher(Cluster cluster) {
        this.producer = cluster.imageProducer();
        this.topic = cluster.topics().images().name();
    }

    public static ImagePublisher to(Cluster cluster) {
        return new ImagePublisher(cluster);
    }

    /** An image under the default policy. */
    public RecordMetadata publish(String id, byte[] image) {
        return publish(ImageSubmitted.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(image))
                .setAttributes(Map.of())
                .setSubmittedAt(Instant.now())
                .build());
    }

    /**
     * Returns once the broker has it.
     *
     * @throws CommandFailed where broker or registry do not take it
     */
    RecordMetadata publish(ImageSubmitted event) {
        try {
            return producer.send(new ProducerRecord<>(topic, event.getId(), event))
                    .get();
        } catch (ExecutionException | KafkaException e) {
            throw CommandFailed.because("cannot publish " + event.getId() + ": " + reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailed.because("interrupted while publishing " + event.getId(), e);
        }
    }

    private static String reason(Exception failure) {
        Throwable outer =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        Throwable root = outer.getCause() == null ? outer : outer.getCause();
        return outer.getMessage() + (root == outer ? "" : " (" + root.getMessage() + ")");
    }

    @Override
    public void close() {
        producer.close();
    }
}

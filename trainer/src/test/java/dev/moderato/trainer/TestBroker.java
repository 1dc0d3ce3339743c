package dev.moderato.trainer;

import dev.moderato.bundles.BundleStore;
import dev.moderato.content.S3Access;
import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackException;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.events.Coordinates;
import dev.moderato.events.Feedback;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Topics on an embedded broker and registry, and what people publish to them. */
public record TestBroker(DevStack stack, Topics topics) {
    private static @Nullable DevStack shared;

    /** Bundles that stay in their folders. */
    public static BundleStore folders() {
        return new BundleStore(new S3Access("none", null, null, null), Path.of("target", "no-copies"), null);
    }

    /** Fresh topics on the one stack of this JVM. */
    public static synchronized TestBroker fresh() throws Exception {
        if (shared == null) {
            DevStack started = DevStack.start(DevStackSettings.temporary(List.of()));
            Runtime.getRuntime().addShutdownHook(new Thread(started::close));
            shared = started;
        }
        Topics topics = new Topics("t" + UUID.randomUUID().toString().substring(0, 8), 2);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", shared.bootstrapServers()))) {
            admin.createTopics(topics.all().stream().map(Topic::request).toList())
                    .all()
                    .get();
        }
        return new TestBroker(shared, topics);
    }

    /** The same topics on a stack of its own. */
    public static TestBroker on(DevStackSettings settings, Topics topics) throws DevStackException {
        return new TestBroker(
                DevStack.start(new DevStackSettings(
                        settings.dataDirectory(),
                        settings.brokerPort(),
                        settings.registryPort(),
                        topics.all().stream().map(Topic::request).toList())),
                topics);
    }

    public Map<String, Object> client() {
        return Map.of("bootstrap.servers", stack.bootstrapServers(), "schema.registry.url", stack.registryUrl());
    }

    /** Publishes an image event; gives where it lies. */
    public Coordinates image(String id, byte[] file) throws Exception {
        ImageSubmitted event = ImageSubmitted.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(file))
                .setSubmittedAt(Instant.now())
                .build();
        RecordMetadata at = send(
                topics.images().name(), id, event, EventSerdes.with(client()).images());
        return Coordinates.newBuilder()
                .setTopic(at.topic())
                .setPartition(at.partition())
                .setOffset(at.offset())
                .build();
    }

    /** Publishes a judgement; the image in one of the forms of the event. */
    public void flag(String id, Object image, String label, boolean present) throws Exception {
        Feedback event = Feedback.newBuilder()
                .setId(id)
                .setImage(image)
                .setLabel(label)
                .setPresent(present)
                .setReviewer("a test")
                .setAt(Instant.now())
                .build();
        send(topics.feedback().name(), id, event, EventSerdes.with(client()).feedback());
    }

    /** Asks for an image to be forgotten. */
    public void erase(String id) throws Exception {
        send(topics.feedback().name(), id, null, EventSerdes.with(client()).feedback());
    }

    /** Publishes a record with a value of any form. */
    public <T> RecordMetadata send(String topic, String key, @Nullable T value, Serde<T> serde) throws Exception {
        return send(topic, key, value, serde.serializer());
    }

    private <T> RecordMetadata send(String topic, String key, @Nullable T value, Serializer<T> serializer)
            throws ExecutionException, InterruptedException {
        Map<String, Object> settings = new HashMap<>(client());
        settings.put("max.request.size", Topics.IMAGE_MESSAGE_BYTES);
        try (KafkaProducer<String, T> producer = new KafkaProducer<>(settings, new StringSerializer(), serializer)) {
            return producer.send(new ProducerRecord<>(topic, key, value)).get();
        }
    }
}

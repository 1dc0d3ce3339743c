package dev.moderato.streams;

import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackException;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.policies.PolicyConflictException;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.streams.settings.AppSettings;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** One embedded broker and registry for all tests of this JVM; each test has topics of its own. */
public final class Stack {
    public static final String POLICY = """
            policy: default
            templates: ["a photo of {}."]
            neutral: ["a landscape", "a person smiling"]
            labels:
              weapons.knife:
                prompts: ["a knife", "a dagger"]
                thresholds: {review: 0.55, block: 0.85}
              fire:
                prompts: ["a fire"]
                thresholds: {review: 0.6}
            surfaces:
              avatar: {weapons.knife: {thresholds: {block: 0.7}}}
            """;

    private static @Nullable DevStack shared;

    public final DevStack dev;
    public final Topics topics;
    public final EventSerdes serdes;
    public final String applicationId;
    private final Serializer<ImageSubmitted> images;

    private Stack(DevStack dev, Topics topics) {
        this.dev = dev;
        this.topics = topics;
        this.serdes = EventSerdes.at(dev.registryUrl());
        this.applicationId = topics.prefix();
        this.images = serdes.images().serializer();
    }

    /** A stack that a test has started itself. */
    public static Stack at(DevStack dev, Topics topics) {
        return new Stack(dev, topics);
    }

    /** Fresh topics with the test policy published. */
    public static Stack fresh(int partitions) {
        Stack stack = withoutPolicy(partitions);
        stack.publish(POLICY);
        return stack;
    }

    public static synchronized Stack withoutPolicy(int partitions) {
        try {
            if (shared == null) {
                DevStack started = DevStack.start(DevStackSettings.temporary(List.of()));
                Runtime.getRuntime().addShutdownHook(new Thread(started::close));
                shared = started;
            }
            Topics topics = new Topics("t" + UUID.randomUUID().toString().substring(0, 8), partitions);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", shared.bootstrapServers()))) {
                admin.createTopics(topics.all().stream().map(Topic::request).toList())
                        .all()
                        .get();
            }
            return new Stack(shared, topics);
        } catch (DevStackException | ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public void publish(String source) {
        Policy policy =
                PolicyParser.parse(source, "test.yaml", Templates.none()).orElseThrow();
        try (PolicyLog log = log()) {
            String seen = log.read().version(policy.name());
            log.publish(new PolicyPublished(policy.name(), policy.version(), source, seen, "test", now()), seen);
        } catch (PolicyConflictException e) {
            throw new IllegalStateException(e);
        }
    }

    public PolicyLog log() {
        return new PolicyLog(topics, client(), serdes);
    }

    public Map<String, Object> client() {
        return Map.of("bootstrap.servers", dev.bootstrapServers());
    }

    public AppSettings settings(String... more) {
        Map<String, String> values = new HashMap<>(Map.of(
                "kafka.bootstrap", dev.bootstrapServers(),
                "registry.url", dev.registryUrl(),
                "topics.prefix", topics.prefix(),
                "app.id", applicationId,
                "model.bundle", "fixed",
                "stream.threads", "2",
                "ops.port", "0",
                "stream.transaction", "60 s", // the machine that tests run on may be very busy
                "stream.drain", "50 s"));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        return AppSettings.of(values);
    }

    public KafkaProducer<String, byte[]> producer() {
        Map<String, Object> config = new HashMap<>(client());
        config.put("linger.ms", 5);
        config.put("max.request.size", Topics.IMAGE_MESSAGE_BYTES);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    public ProducerRecord<String, byte[]> record(@Nullable String key, ImageSubmitted event) {
        String topic = topics.images().name();
        return new ProducerRecord<>(topic, key, images.serialize(topic, event));
    }

    public static ImageSubmitted image(String id, byte[] bytes) {
        return ImageSubmitted.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(bytes))
                .setSubmittedAt(now())
                .build();
    }

    /** A BMP of noise: 3 bytes a pixel and 54, whatever its content; the width is a multiple of 4. */
    public static byte[] bmp(int width, int height, long seed) {
        ByteBuffer file = ByteBuffer.allocate(54 + 3 * width * height).order(ByteOrder.LITTLE_ENDIAN);
        new Random(seed).nextBytes(file.array());
        file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(54);
        file.putInt(40)
                .putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) 24)
                .putInt(0);
        file.putInt(3 * width * height).putInt(2835).putInt(2835).putInt(0).putInt(0);
        return file.array();
    }

    /** A PNG of one colour. */
    public static byte[] png(int width, int height, int rgb) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(rgb));
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        return png(image);
    }

    /** A small PNG that differs by seed. */
    public static byte[] png(int seed) {
        BufferedImage image = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(seed * 2654435761L > 0 ? (int) ((seed * 2654435761L) & 0xffffff) : 7));
        graphics.fillRect(0, 0, 40, 36);
        graphics.setColor(new Color((int) ((seed * 40503L) & 0xffffff)));
        graphics.fillOval(seed % 20, seed % 17, 18, 15);
        graphics.dispose();
        return png(image);
    }

    private static byte[] png(BufferedImage image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Reads a topic read_committed until enough is there or time is up. */
    public <T> List<ConsumerRecord<String, T>> read(
            String topic,
            Deserializer<T> values,
            Duration patience,
            Predicate<List<ConsumerRecord<String, T>>> enough) {
        Map<String, Object> config = new HashMap<>(client());
        config.put("isolation.level", "read_committed");
        List<ConsumerRecord<String, T>> records = new ArrayList<>();
        try (KafkaConsumer<String, T> consumer = new KafkaConsumer<>(config, new StringDeserializer(), values)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + patience.toNanos();
            while (!enough.test(records) && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /**
     * What readers of committed records can see of a topic.
     *
     * @param hidden offsets that they cannot, because a transaction is still open before them
     */
    public record Committed<T>(List<ConsumerRecord<String, T>> records, long hidden) {}

    /** Reads a topic read_committed up to its end, or as far as it can within the patience. */
    public <T> Committed<T> readToTheEnd(String topic, Deserializer<T> values, Duration patience)
            throws InterruptedException {
        Map<String, Object> config = new HashMap<>(client());
        config.put("isolation.level", "read_committed");
        List<ConsumerRecord<String, T>> records = new ArrayList<>();
        try (KafkaConsumer<String, T> consumer = new KafkaConsumer<>(config, new StringDeserializer(), values);
                Admin admin = Admin.create(client())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
            long end = admin.listOffsets(latest).all().get().values().stream() // with what is in open transactions
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + patience.toNanos();
            long hidden = end;
            while (hidden > 0 && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                long position =
                        partitions.stream().mapToLong(consumer::position).sum();
                hidden = Math.max(0, end - position); // it may have grown by the end of a transaction meanwhile
            }
            return new Committed<>(records, hidden);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How far the service has committed, all partitions together. */
    public long committed() throws InterruptedException {
        try (Admin admin = Admin.create(client())) {
            return admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        } catch (ExecutionException e) {
            return 0; // no such group yet
        }
    }

    public static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}

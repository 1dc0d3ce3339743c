package dev.moderato.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stack, with Kafka's and Confluent's own clients. */
class DevStackTest {
    private static final Schema SCHEMA =
            SchemaBuilder.record("Said").fields().requiredString("text").endRecord();
    private static final NewTopic TOPIC = new NewTopic("talk", 2, (short) 1);

    @TempDir
    private Path folder;

    @Test
    void carriesConfluentFramedAvroFromProducerToConsumer() throws Exception {
        try (DevStack stack = DevStack.start(DevStackSettings.temporary(List.of(TOPIC)))) {
            say(stack, "hello", "world");

            assertThat(heard(stack)).containsExactly("hello", "world");
        }
    }

    @Test
    void keepsRecordsSchemasAndIdsOverARestart() throws Exception {
        DevStackSettings settings = new DevStackSettings(folder.resolve("data"), 0, 0, List.of(TOPIC));
        Schema later = SchemaBuilder.record("Said")
                .fields()
                .requiredString("text")
                .optionalInt("volume")
                .endRecord();
        int id;
        try (DevStack stack = DevStack.start(settings)) {
            say(stack, "before");
            id = client(stack).getId("talk-value", avro(SCHEMA));
            client(stack).updateCompatibility("talk-value", "FULL_TRANSITIVE");
        }
        try (DevStack stack = DevStack.start(settings)) {
            say(stack, "after");

            assertThat(heard(stack)).containsExactly("before", "after");
            assertThat(client(stack).getId("talk-value", avro(SCHEMA))).isEqualTo(id);
            assertThat(client(stack).getCompatibility("talk-value")).isEqualTo("FULL_TRANSITIVE");
            assertThat(client(stack).register("talk-value", avro(later)))
                    .as("a new id follows the ones given out before the restart")
                    .isEqualTo(id + 1);
        }
    }

    @Test
    void aTemporaryStackLeavesNothingBehind() throws Exception {
        Path data;
        try (DevStack stack = DevStack.start(DevStackSettings.temporary(List.of()))) {
            data = stack.dataDirectory();
            assertThat(data).isDirectory();
        }
        assertThat(data).doesNotExist();
    }

    @Test
    void leavesExistingTopicsAsTheyAre() throws Exception {
        Path data = folder.resolve("data");
        DevStack.start(new DevStackSettings(data, 0, 0, List.of(TOPIC))).close();

        NewTopic wider = new NewTopic("talk", 5, (short) 1);
        try (DevStack stack = DevStack.start(new DevStackSettings(data, 0, 0, List.of(wider)));
                Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            assertThat(admin.describeTopics(List.of("talk"))
                            .allTopicNames()
                            .get()
                            .values())
                    .singleElement()
                    .satisfies(topic -> assertThat(topic.partitions()).hasSize(2));
        }
    }

    @Test
    void namesATakenBrokerPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> DevStack.start(new DevStackSettings(null, port, 0, List.of())))
                    .isInstanceOf(DevStackException.class)
                    .hasMessage(
                            "Port " + port + " on 127.0.0.1, wanted for the broker, cannot be had (Address already in"
                                    + " use): stop what listens there, or choose another port (0 takes any free one).");
        }
    }

    @Test
    void namesATakenRegistryPortBeforeItStartsABroker() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            Path data = folder.resolve("data");
            assertThatThrownBy(() -> DevStack.start(new DevStackSettings(data, 0, port, List.of())))
                    .isInstanceOf(DevStackException.class)
                    .hasMessageStartingWith("Port " + port + " on 127.0.0.1, wanted for the Schema Registry, cannot");
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void refusesADataDirectoryThatAnotherStackUses() throws Exception {
        DevStackSettings settings = new DevStackSettings(folder.resolve("data"), 0, 0, List.of());
        DevStack first = DevStack.start(settings);
        try (first) {
            assertThatThrownBy(() -> DevStack.start(settings))
                    .isInstanceOf(DevStackException.class)
                    .hasMessage("The data directory " + folder.resolve("data")
                            + " is in use by another embedded stack: stop that one, or choose another directory.");
        }
        DevStack.start(settings).close();
    }

    @Test
    void refusesADataDirectoryWithOtherFiles() throws Exception {
        Files.writeString(folder.resolve("thesis.txt"), "do not touch");

        assertThatThrownBy(() -> DevStack.start(new DevStackSettings(folder, 0, 0, List.of())))
                .isInstanceOf(DevStackException.class)
                .hasMessage("The data directory " + folder
                        + " holds other files (thesis.txt): choose an empty directory, or one that an earlier start"
                        + " has made.");
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void refusesAFileAsDataDirectory() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> DevStack.start(new DevStackSettings(file, 0, 0, List.of())))
                .isInstanceOf(DevStackException.class)
                .hasMessage("The data directory " + file + " is a file: name a directory.");
    }

    private static void say(DevStack stack, String... texts) throws Exception {
        try (KafkaAvroSerializer avro = new KafkaAvroSerializer()) {
            avro.configure(Map.of("schema.registry.url", stack.registryUrl()), false);
            Map<String, Object> config = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
            try (KafkaProducer<String, Object> producer = new KafkaProducer<>(config, new StringSerializer(), avro)) {
                for (String text : texts) {
                    GenericRecord said =
                            new GenericRecordBuilder(SCHEMA).set("text", text).build();
                    producer.send(new ProducerRecord<>("talk", "k", said)).get();
                }
            }
        }
    }

    /** What is said on the topic, decoded after a check of the wire format. */
    private static List<String> heard(DevStack stack) throws Exception {
        List<String> texts = new ArrayList<>();
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "listener-" + System.nanoTime(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        try (KafkaAvroDeserializer avro = new KafkaAvroDeserializer();
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            avro.configure(Map.of("schema.registry.url", stack.registryUrl()), false);
            consumer.subscribe(List.of("talk"));
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (System.nanoTime() < deadline && !caughtUp(consumer)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    assertThat(record.value()).startsWith(0, 0, 0, 0);
                    texts.add(((GenericRecord) avro.deserialize("talk", record.value()))
                            .get("text")
                            .toString());
                }
            }
        }
        return texts;
    }

    private static boolean caughtUp(KafkaConsumer<?, ?> consumer) {
        return !consumer.assignment().isEmpty()
                && consumer.endOffsets(consumer.assignment()).entrySet().stream()
                        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static SchemaRegistryClient client(DevStack stack) {
        return new CachedSchemaRegistryClient(stack.registryUrl(), 100);
    }

    private static AvroSchema avro(Schema schema) {
        return new AvroSchema(schema);
    }
}

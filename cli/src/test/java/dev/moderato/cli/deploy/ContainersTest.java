package dev.moderato.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;

/** The service's own image against a broker with TLS and SASL/SCRAM and a real registry, all in containers. */
class ContainersTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String KNIFE =
            ROOT.resolve("prompts/examples/knife-01.png").toString();

    @TempDir
    static Path folder;

    private static Containers containers;
    private static GenericContainer<?> service;

    @BeforeAll
    static void start() throws Exception {
        Optional<String> missing = Containers.missing();
        missing.ifPresent(System.err::println);
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        containers = Containers.start(folder);
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", containers.bootstrap()))) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            Containers.USER,
                            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                            Containers.PASSWORD)))
                    .all()
                    .get();
        }
        CommandLineRun topics =
                CommandLineRun.of("topics", "create", "--bootstrap", containers.bootstrap(), "--partitions", "4");
        assertThat(topics.exit()).as(topics.out() + topics.err()).isZero();
        service = containers.service(ROOT.resolve("models"), ROOT.resolve("prompts"));
        service.start();
    }

    @AfterAll
    static void stop() {
        if (service != null) {
            service.stop();
        }
        if (containers != null) {
            containers.close();
        }
    }

    @Test
    void moderatesOverTlsAndScramAndLogsNoSecret() {
        assertThat(submit("--wait", KNIFE).out()).startsWith("BLOCK");
        assertThat(service.getLogs()).contains("image=").doesNotContain("planted");
    }

    @Test
    void goesOnAfterTheBrokerWasPaused() throws Exception {
        submit("--wait", KNIFE);
        containers
                .kafka()
                .getDockerClient()
                .pauseContainerCmd(containers.kafka().getContainerId())
                .exec();
        Thread.sleep(Duration.ofSeconds(12).toMillis()); // longer than a transaction may take
        containers
                .kafka()
                .getDockerClient()
                .unpauseContainerCmd(containers.kafka().getContainerId())
                .exec();

        List<String> images = new ArrayList<>(List.of("--wait"));
        for (int i = 0; i < 20; i++) {
            images.add(KNIFE);
        }
        CommandLineRun after = submit(images.toArray(String[]::new));

        assertThat(after.outLines()).hasSize(20).allMatch(line -> line.startsWith("BLOCK"));
    }

    @Test
    void goesOnWhileTheRegistryIsAway() throws Exception {
        submit("--wait", KNIFE);
        try (RunningPublisher publisher = RunningPublisher.start(containers, KNIFE)) {
            publisher.publishAndAwait();
            containers
                    .registry()
                    .getDockerClient()
                    .pauseContainerCmd(containers.registry().getContainerId())
                    .exec();
            try {
                publisher.publishAndAwait();
            } finally {
                containers
                        .registry()
                        .getDockerClient()
                        .unpauseContainerCmd(containers.registry().getContainerId())
                        .exec();
            }
        }
    }

    @Test
    void waitsForARegistryThatIsAwayAtStart() throws Exception {
        containers
                .registry()
                .getDockerClient()
                .pauseContainerCmd(containers.registry().getContainerId())
                .exec();
        Thread back = new Thread(() -> {
            try {
                Thread.sleep(Duration.ofSeconds(8).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            containers
                    .registry()
                    .getDockerClient()
                    .unpauseContainerCmd(containers.registry().getContainerId())
                    .exec();
        });
        back.start();
        try (GenericContainer<?> second = containers.service(ROOT.resolve("models"), ROOT.resolve("prompts"))) {
            second.start();
            assertThat(second.isRunning()).isTrue();
        }
        back.join();
    }

    private static CommandLineRun submit(String... images) {
        List<String> line = new ArrayList<>(
                List.of("submit", "--bootstrap", containers.bootstrap(), "--registry", containers.registryUrl()));
        line.addAll(List.of(images));
        return CommandLineRun.of(line.toArray(String[]::new));
    }

    /** A publisher and a reader that know the schemas already, as a running application does. */
    private record RunningPublisher(
            KafkaProducer<String, ImageSubmitted> producer, KafkaConsumer<String, byte[]> consumer, byte[] image)
            implements AutoCloseable {
        static RunningPublisher start(Containers containers, String image) throws IOException {
            Topics topics = Topics.defaults();
            Map<String, Object> client = Map.of("bootstrap.servers", containers.bootstrap());
            Map<String, Object> reader =
                    Map.of("bootstrap.servers", containers.bootstrap(), "isolation.level", "read_committed");
            var producer = new KafkaProducer<>(
                    client,
                    new StringSerializer(),
                    EventSerdes.at(containers.registryUrl()).images().serializer());
            var consumer = new KafkaConsumer<>(reader, new StringDeserializer(), new ByteArrayDeserializer());
            String results = topics.results().name();
            consumer.assign(consumer.partitionsFor(results).stream()
                    .map(info -> new TopicPartition(results, info.partition()))
                    .toList());
            consumer.seekToEnd(consumer.assignment());
            consumer.assignment().forEach(consumer::position);
            return new RunningPublisher(producer, consumer, Files.readAllBytes(Path.of(image)));
        }

        void publishAndAwait() throws Exception {
            String id = "running-" + UUID.randomUUID();
            var event = ImageSubmitted.newBuilder()
                    .setId(id)
                    .setImage(ByteBuffer.wrap(image))
                    .setSubmittedAt(Instant.now())
                    .build();
            String images = Topics.defaults().images().name();
            producer.send(new ProducerRecord<>(images, id, event)).get();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (id.equals(record.key())) {
                        return;
                    }
                }
            }
            throw new AssertionError("no result of " + id + " within 30 s");
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
            consumer.close();
        }
    }
}

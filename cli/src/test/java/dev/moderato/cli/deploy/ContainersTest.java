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
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
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
import org.testcontainers.containers.wait.strategy.Wait;

/** The service's own image against a broker with TLS and SASL/SCRAM and a real registry, all in containers. */
class ContainersTest {
    private static final Path KNIFE = Containers.ROOT.resolve("prompts/examples/knife-01.png");

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
        service = containers.service();
        service.start();
        Containers.awaitReady(service);
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
        CommandLineRun submit = CommandLineRun.of(
                "submit",
                KNIFE.toString(),
                "--wait",
                "--timeout=180",
                "--bootstrap=" + containers.bootstrap(),
                "--registry=" + containers.registryUrl());
        assertThat(submit.out()).as(submit.err()).startsWith("BLOCK");
        assertThat(service.getLogs()).contains("image=").doesNotContain("planted");
    }

    @Test
    void saysThatTheBrokerRefusesItsPassword() {
        String reason = "Authentication failed during authentication due to invalid credentials with SASL mechanism"
                + " SCRAM-SHA-512";
        assertEndsAtStart(containers.service().withEnv(Containers.JAAS, Containers.jaas("wrong")), reason);
    }

    @Test
    void saysThatItDoesNotTrustTheBroker() throws Exception {
        GenericContainer<?> stranger = containers.service();
        stranger.getEnvMap().remove(Containers.TRUST);
        stranger.getEnvMap().remove(Containers.TRUST.replace("LOCATION", "PASSWORD"));
        assertEndsAtStart(stranger, "unable to find valid certification path to requested target");
    }

    /** For longer than a transaction and a session may take, and with images in work. */
    @Test
    void losesAndDoublesNothingWhenTheBrokerIsPaused() throws Exception {
        try (Application application = Application.start()) {
            List<String> images = new ArrayList<>(application.publish(400));
            application.awaitOutcome();
            Containers.whilePaused(containers.kafka(), () -> {
                images.addAll(application.publish(50));
                Thread.sleep(Duration.ofSeconds(15).toMillis());
            });
            images.addAll(application.publish(50));
            application.awaitOneOutcomeEach(images);
        }
        Containers.awaitReady(service);
    }

    @Test
    void goesOnWhileTheRegistryIsAway() throws Exception {
        try (Application application = Application.start()) {
            application.awaitOneOutcomeEach(application.publish(1));
            Containers.whilePaused(
                    containers.registry(), () -> application.awaitOneOutcomeEach(application.publish(20)));
            application.awaitOneOutcomeEach(application.publish(1));
        }
    }

    @Test
    void waitsForARegistryThatIsAwayAtStart() throws Exception {
        try (GenericContainer<?> second = containers.service()) {
            Containers.whilePaused(containers.registry(), () -> {
                second.start();
                for (int i = 0; i < 40; i++) {
                    assertThat(Containers.ready(second)).isFalse();
                    assertThat(second.isRunning()).as(second.getLogs()).isTrue();
                    Thread.sleep(500);
                }
            });
            Containers.awaitReady(second);
        }
    }

    private static void assertEndsAtStart(GenericContainer<?> misconfigured, String reason) {
        String line = "the Kafka broker at kafka:9095 refuses: " + reason + " (kafka.client.*)\n";
        try (misconfigured) {
            misconfigured.waitingFor(Wait.forLogMessage(".*refuses.*", 1)).start();
            assertThat(misconfigured.getLogs()).contains(line).doesNotContain("planted");
        }
    }

    /** Publishes images and reads results, and knows the schemas already: as an application that runs for a while. */
    private record Application(
            KafkaProducer<String, ImageSubmitted> producer,
            KafkaConsumer<String, byte[]> consumer,
            List<String> outcomes,
            byte[] image)
            implements AutoCloseable {
        private static final Duration PATIENCE = Duration.ofMinutes(3);

        static Application start() throws IOException {
            Map<String, Object> client = Map.of("bootstrap.servers", containers.bootstrap());
            Map<String, Object> reader =
                    Map.of("bootstrap.servers", containers.bootstrap(), "isolation.level", "read_committed");
            var producer = new KafkaProducer<>(
                    client,
                    new StringSerializer(),
                    EventSerdes.at(containers.registryUrl()).images().serializer());
            var consumer = new KafkaConsumer<>(reader, new StringDeserializer(), new ByteArrayDeserializer());
            consumer.assign(consumer.partitionsFor(Topics.defaults().results().name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList());
            consumer.seekToEnd(consumer.assignment());
            consumer.assignment().forEach(consumer::position);
            return new Application(producer, consumer, new ArrayList<>(), Files.readAllBytes(KNIFE));
        }

        /** Hands so many images to the producer. @return their ids */
        List<String> publish(int images) {
            String topic = Topics.defaults().images().name();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                String id = UUID.randomUUID().toString();
                var unused = producer.send(new ProducerRecord<>(topic, id, event(id))); // what is lost is missed below
                ids.add(id);
            }
            return ids;
        }

        private ImageSubmitted event(String id) {
            return ImageSubmitted.newBuilder()
                    .setId(id)
                    .setImage(ByteBuffer.wrap(image))
                    .setSubmittedAt(Instant.now())
                    .build();
        }

        void awaitOutcome() {
            pollUntil(() -> !outcomes.isEmpty());
        }

        void awaitOneOutcomeEach(List<String> images) {
            Set<String> expected = Set.copyOf(images);
            pollUntil(() -> Set.copyOf(outcomes).containsAll(expected));
            long aWhile = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            pollUntil(() -> System.nanoTime() > aWhile); // a second outcome would be out by now
            assertThat(outcomes).filteredOn(expected::contains).hasSameSizeAs(images);
        }

        private void pollUntil(BooleanSupplier done) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!done.getAsBoolean()) {
                assertThat(System.nanoTime())
                        .as("%d outcomes within %s", outcomes.size(), PATIENCE)
                        .isLessThan(deadline);
                consumer.poll(Duration.ofMillis(200)).forEach(record -> outcomes.add(record.key()));
            }
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
            consumer.close();
        }
    }
}

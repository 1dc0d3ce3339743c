package dev.moderato.streams.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Instances are killed, join and leave, the broker is restarted, encoders fail, images are poison or no images at all: every
 * event still ends as exactly one outcome, in order per key. Minutes long; run by {@code mvn -Pfaults verify}.
 */
@Tag("faults")
class CrashTest {
    private static final int PARTITIONS = 8;
    private static final int KEYS = 3000;
    private static final int INSTANCES = 3;

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(20261124);
    private final Topics topics = new Topics("crash", PARTITIONS);
    private final List<Instance> running = new ArrayList<>();
    private DevStack stack;

    /** A process and what it prints. */
    private record Instance(Process process, Path log) {
        boolean works() {
            try {
                return process.isAlive() && Files.readString(log).contains("ready");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
    /** Instances that were killed, or halted, while they worked. */
    private final AtomicInteger killed = new AtomicInteger();

    private int kills;
    private int started;

    @Test
    void losesAndDoublesNothingUnderTheClassicProtocol() throws Exception {
        run("classic", 50_000, 20, 3);
    }

    @Test
    void losesAndDoublesNothingUnderTheStreamsProtocol() throws Exception {
        run("streams", 15_000, 6, 1);
    }

    private void run(String protocol, int events, int wanted, int restarts) throws Exception {
        kills = wanted;
        stack = DevStack.start(settings(0, 0));
        int brokerPort = port(stack.bootstrapServers());
        int registryPort = port(stack.registryUrl());
        Stack.at(stack, topics).publish(Stack.POLICY);
        try (OutcomeLedger ledger = new OutcomeLedger(stack.bootstrapServers(), stack.registryUrl(), topics)) {
            Thread publisher = new Thread(() -> publish(events), "publisher");
            publisher.start();
            for (int i = 0; i < INSTANCES; i++) {
                start(protocol);
            }
            int restarted = 0;
            while (killed.get() < kills) {
                Thread.sleep(random.nextInt(1000, 3000));
                disturb(protocol);
                if (restarted < restarts && killed.get() >= (restarted + 1) * kills / (restarts + 1)) {
                    stack.close();
                    Thread.sleep(random.nextInt(500, 2000));
                    stack = DevStack.start(settings(brokerPort, registryPort));
                    restarted++;
                }
                ledger.read(Duration.ofMillis(1));
            }
            publisher.join();
            ledger.readToTheEnd(Duration.ofMinutes(2), () -> keepAlive(protocol));
            assertThat(killed.get()).isGreaterThanOrEqualTo(kills);
            assertThat(restarted).isEqualTo(restarts);
            System.out.println(protocol + ": " + ledger.summary() + "; " + killed + " kills, " + started
                    + " instances, " + restarted + " broker restarts");
            ledger.check();
        } finally {
            for (Instance instance : running) {
                instance.process().destroyForcibly().waitFor();
            }
            stack.close();
        }
    }

    /** Kills an instance that works, or has it leave in good order, and lets another one join. */
    private void disturb(String protocol) throws Exception {
        keepAlive(protocol);
        List<Instance> working = running.stream().filter(Instance::works).toList();
        if (working.isEmpty()) {
            return;
        }
        Instance victim = working.get(random.nextInt(working.size()));
        if (random.nextInt(4) == 0) {
            victim.process().destroy(); // SIGTERM: it commits, leaves and stops
        } else {
            victim.process().destroyForcibly().waitFor(); // SIGKILL
            running.remove(victim);
            killed.incrementAndGet();
        }
        keepAlive(protocol);
    }

    /** Counts those that halted on their own, and starts others in their place. */
    private void keepAlive(String protocol) {
        for (Instance instance : List.copyOf(running)) {
            if (!instance.process().isAlive()) {
                running.remove(instance);
                if (instance.process().exitValue() == CrashingInstance.HALTED) {
                    killed.incrementAndGet();
                }
            }
        }
        while (running.size() < INSTANCES) {
            start(protocol);
        }
    }

    private void start(String protocol) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--add-modules",
                "jdk.incubator.vector",
                CrashingInstance.class.getName(),
                "kafka.bootstrap=" + stack.bootstrapServers(),
                "registry.url=" + stack.registryUrl(),
                "topics.prefix=" + topics.prefix(),
                "app.id=crash",
                "model.bundle=fixed",
                "batch.max=16",
                "cache.bytes=0",
                "ops.enabled=false",
                "stream.threads=" + (1 + started % 2),
                "stream.protocol=" + protocol,
                "stream.session=6 s",
                "stream.transaction=8 s",
                "stream.drain=6 s"));
        if (started % 3 == 2 && killed.get() < kills) {
            command.add("halt=" + random.nextInt(500, 6000));
        }
        started++;
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Path log = folder.resolve("instance-" + started + ".log");
        try {
            Files.createFile(log);
            running.add(new Instance(
                    builder.redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private DevStackSettings settings(int brokerPort, int registryPort) {
        return new DevStackSettings(
                folder.resolve("stack"),
                brokerPort,
                registryPort,
                topics.all().stream().map(Topic::request).toList());
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** As many between two kills. Mostly images; some are poison, no images, nothing at all, or name what is not there. */
    private void publish(int events) {
        Map<String, Object> config = new HashMap<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers(),
                ProducerConfig.LINGER_MS_CONFIG, 5,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 300_000));
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            images.add(Stack.png(i));
        }
        byte[] poison = Stack.png(40, 36, CrashingInstance.POISON);
        try (KafkaProducer<String, byte[]> producer =
                        new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
                Serializer<ImageSubmitted> serializer =
                        EventSerdes.at(stack.registryUrl()).images().serializer()) {
            String topic = topics.images().name();
            for (int i = 0; i < events; i++) {
                String id = "key-" + i % KEYS;
                ImageSubmitted image = Stack.image(id, images.get(i % images.size()));
                byte[] value = serializer.serialize(
                        topic,
                        switch (i % 199) {
                            case 0 -> Stack.image(id, poison);
                            case 1 -> Stack.image(id, "no image".getBytes(StandardCharsets.UTF_8));
                            case 2 -> Stack.image(" ", images.get(0));
                            case 3 ->
                                ImageSubmitted.newBuilder(image)
                                        .setPolicy("other")
                                        .build();
                            default -> image;
                        });
                if (i % 1999 == 4) {
                    value = new byte[] {1, 2, 3};
                }
                var unused = producer.send(new ProducerRecord<>(topic, id, value));
                while (i >= (killed.get() + 1L) * events / kills) {
                    Thread.sleep(5);
                }
            }
            producer.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

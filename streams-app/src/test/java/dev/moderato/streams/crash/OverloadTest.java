package dev.moderato.streams.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.Stack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A minute of twice as many images as the encoder takes, of 200 KB to 5 MB each, in a heap of 512 MB: memory stays where it
 * is, nobody leaves the group, nothing times out, and afterwards the lag is worked off.
 */
@Tag("faults")
class OverloadTest {
    private static final Duration OVERLOAD = Duration.ofMinutes(1);
    /** The encoder takes 4 images every 400 ms. */
    private static final int SUSTAINABLE = 10;

    private static final int PARTITIONS = 8;
    private static final Pattern HEAP = Pattern.compile("heap (\\d+) warnings (.*)");

    @TempDir
    Path folder;

    @Test
    void keepsItsMemoryUnderTwiceTheSustainableRate() throws Exception {
        Topics topics = new Topics("overload", PARTITIONS);
        DevStack dev = DevStack.start(new DevStackSettings(
                folder.resolve("stack"),
                0,
                0,
                topics.all().stream().map(Topic::request).toList()));
        Path log = folder.resolve("instance.log");
        Process instance = null;
        try (OutcomeLedger ledger = new OutcomeLedger(dev.bootstrapServers(), dev.registryUrl(), topics)) {
            Stack stack = Stack.at(dev, topics);
            stack.publish(Stack.POLICY);
            instance = start(dev, topics, log);
            while (!Files.readString(log).contains("ready")) {
                assertThat(instance.isAlive()).as(Files.readString(log)).isTrue();
                Thread.sleep(50);
            }
            Set<String> members = members(dev);
            int published = overload(stack);
            int behind = published - ledger.seen(); // what was committed so far
            assertThat(behind).as("images still to do after the overload").isGreaterThan(published / 4);

            ledger.readToTheEnd(Duration.ofSeconds(150), () -> {});

            ledger.check();
            assertThat(members(dev)).as("members of the group").isEqualTo(members);
            assertThat(instance.isAlive()).isTrue();
            checkMemory(log);
        } finally {
            if (instance != null) {
                instance.destroy();
                instance.waitFor(30, TimeUnit.SECONDS);
            }
            dev.close();
        }
    }

    private static Process start(DevStack dev, Topics topics, Path log) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "--add-modules",
                "jdk.incubator.vector",
                LoadedInstance.class.getName(),
                "kafka.bootstrap=" + dev.bootstrapServers(),
                "registry.url=" + dev.registryUrl(),
                "topics.prefix=" + topics.prefix(),
                "app.id=overload",
                "profile=throughput",
                "model.bundle=fixed",
                "batch.max=4",
                "cache.bytes=0",
                "ops.enabled=false",
                "cost=400");
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Files.createFile(log);
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** Publishes at twice the sustainable rate; returns how many. */
    private static int overload(Stack stack) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(4);
        int images = (int) (2 * SUSTAINABLE * OVERLOAD.toSeconds());
        long from = System.nanoTime();
        try (KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = 0; i < images; i++) {
                int side = 4 * random.nextInt(65, 325); // 200 KB to 5 MB
                var unused =
                        producer.send(stack.record("image-" + i, Stack.image("image-" + i, Stack.bmp(side, side, i))));
                long wait = from + OVERLOAD.toNanos() * i / images - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
            }
        }
        return images;
    }

    private static Set<String> members(DevStack dev) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", dev.bootstrapServers()))) {
            return admin
                    .describeConsumerGroups(List.of("overload"))
                    .describedGroups()
                    .get("overload")
                    .get()
                    .members()
                    .stream()
                    .map(MemberDescription::consumerId)
                    .collect(Collectors.toSet());
        }
    }

    private static void checkMemory(Path log) throws Exception {
        List<Integer> heap = Files.readAllLines(log).stream()
                .map(HEAP::matcher)
                .filter(line -> line.matches())
                .peek(line -> assertThat(line.group(2)).as("warnings").isEqualTo("{}"))
                .map(line -> Integer.valueOf(line.group(1)))
                .toList();
        System.out.println("MiB of heap in use after collections: " + heap);
        assertThat(heap).hasSizeGreaterThan(10).allMatch(mib -> mib < 350);
        int third = heap.size() / 3;
        assertThat(mean(heap.subList(heap.size() - third, heap.size())))
                .as("the last third against the first")
                .isLessThan(1.25 * mean(heap.subList(0, third)) + 20);
    }

    private static double mean(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }
}

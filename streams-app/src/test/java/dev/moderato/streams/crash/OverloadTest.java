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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
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
    /** So many images take turns: drawing each anew would leave a busy machine no time to publish them. */
    private static final int IMAGES = 24;

    private static final Pattern MEMORY = Pattern.compile("heap (\\d+) resident (\\d+) warnings (.*)");

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
                "-Xms512m",
                "-Xmx512m",
                "-XX:+AlwaysPreTouch", // so that the process grows by what is not heap alone
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
        List<byte[]> images = images();
        int events = (int) (2 * SUSTAINABLE * OVERLOAD.toSeconds());
        long from = System.nanoTime();
        try (KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = 0; i < events; i++) {
                String id = "image-" + i;
                var unused = producer.send(stack.record(id, Stack.image(id, images.get(i % IMAGES))));
                long wait = from + OVERLOAD.toNanos() * i / events - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
            }
        }
        return events;
    }

    private static List<byte[]> images() {
        SplittableRandom random = new SplittableRandom(4);
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            int side = 4 * random.nextInt(65, 325); // 200 KB to 5 MB
            images.add(Stack.bmp(side, side, i));
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
        List<MatchResult> lines = Files.readAllLines(log).stream()
                .map(MEMORY::matcher)
                .filter(line -> line.matches())
                .map(line -> line.toMatchResult())
                .toList();
        assertThat(lines).hasSizeGreaterThan(10);
        assertThat(lines).extracting(line -> line.group(3)).as("warnings").containsOnly("{}");
        List<Integer> heap = numbers(lines, 1);
        List<Integer> resident = numbers(lines, 2);
        System.out.println("MiB of heap in use after collections: " + heap + "; resident: " + resident);
        assertThat(heap).allMatch(mib -> mib < 350);
        assertThat(growth(heap)).as("growth of the heap, MiB: %s", heap).isLessThan(40);
        assertThat(growth(resident))
                .as("growth of the process, MiB: %s", resident)
                .isLessThan(100);
    }

    private static List<Integer> numbers(List<MatchResult> lines, int group) {
        return lines.stream().map(line -> Integer.valueOf(line.group(group))).toList();
    }

    /** The mean of the last third over that of the second: the first warms up. */
    private static double growth(List<Integer> mib) {
        int third = mib.size() / 3;
        return mean(mib.subList(mib.size() - third, mib.size())) - mean(mib.subList(third, 2 * third));
    }

    private static double mean(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }
}

package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.EncoderException.Kind;
import dev.moderato.ops.Health;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults while images are in work: what was not committed is done again, exactly once, and health says what is wrong. */
class FaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAGENTA = 0xff00ff;
    /** A failed thread leaves the group: its partitions do not wait for a session to end, however long one is. */
    private static final String[] NEVER_EXPIRES = {"stream.session", "1800 s"};

    @Test
    void commitsNothingWhileTheEncoderIsDeadAndSaysWhyAndGoesOnOnceItIsBack() throws Exception {
        Stack stack = Stack.fresh(2);
        AtomicBoolean dead = new AtomicBoolean(true);
        FixedBundles bundles = new FixedBundles(Duration.ZERO, crops -> {
            if (dead.get()) {
                throw new EncoderException(Kind.SESSION_LOST, "the device fell off the bus", null);
            }
        });
        try (ModeratorApp app = ModeratorApp.start(stack.settings(NEVER_EXPIRES), bundles)) {
            publish(stack, 0, 40);
            await(() -> !app.health().ready() && app.health().parts().containsKey("encoder"));
            assertThat(app.health().parts())
                    .containsEntry("encoder", new Health.Part(false, "the device fell off the bus"));
            await(() -> app.health().warnings().containsKey("stream"));
            assertThat(String.valueOf(app.health().warnings().get("stream"))).contains("the device fell off the bus");
            assertThat(app.metrics().registry().scrape())
                    .contains("moderato_encoder_faults_total{kind=\"unavailable\"}");
            assertThat(stack.committed()).isZero();

            dead.set(false);

            assertThat(keys(stack, 40)).hasSize(40).doesNotHaveDuplicates();
            await(() -> app.health().ready());
        }
        assertThat(stack.committed()).isGreaterThanOrEqualTo(40);
    }

    /** With one thread both tasks close dirty, though one of them alone failed and the other has images in work. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void doesTheImagesOfAFailedTaskAgainExactlyOnceAndInOrder(String threads) throws Exception {
        Stack stack = Stack.fresh(2);
        AtomicInteger batches = new AtomicInteger();
        FixedBundles bundles = new FixedBundles(Duration.ofMillis(1), crops -> {
            if (batches.incrementAndGet() % 4 == 3 && batches.get() < 12) {
                throw new IllegalStateException("a fault that is no image's");
            }
        });
        String[] settings = {"stream.threads", threads, NEVER_EXPIRES[0], NEVER_EXPIRES[1]};
        try (ModeratorApp app = ModeratorApp.start(stack.settings(settings), bundles)) {
            publish(stack, 0, 300);
            assertEachOnceAndInOrder(stack, 300, 2);
            assertThat(String.valueOf(app.health().warnings().get("stream"))).contains("a fault that is no image's");
        }
    }

    /** Kafka Streams closes a task whose commit times out and starts the same processor again, on the same thread. */
    @Test
    void doesTheImagesOfARevivedTaskAgainExactlyOnceAndInOrder() throws Exception {
        Stack stack = Stack.fresh(2);
        LateCommits.left.set(5);
        String[] settings = {"stream.threads", "1", "kafka.client.default.client.supplier", LateCommits.class.getName()
        };
        try (ModeratorApp app =
                ModeratorApp.start(stack.settings(settings), new FixedBundles(Duration.ofMillis(1), c -> {}))) {
            publish(stack, 0, 300);
            assertEachOnceAndInOrder(stack, 300, 2);
            assertThat(LateCommits.left).as("commits still to time out").hasNonPositiveValue();
            assertThat(app.health().warnings()).as("no thread was replaced").isEmpty();
        }
    }

    private static void assertEachOnceAndInOrder(Stack stack, int images, int partitions) {
        List<ConsumerRecord<String, ModerationResult>> results = results(stack, images);
        assertThat(results).hasSize(images);
        assertThat(results).extracting(ConsumerRecord::key).doesNotHaveDuplicates();
        for (int partition = 0; partition < partitions; partition++) {
            int of = partition;
            assertThat(results.stream()
                            .filter(r -> r.partition() == of)
                            .map(r -> r.value().getSource().getOffset()))
                    .isSorted();
        }
    }

    @Test
    void isolatesAPoisonousImageAndModeratesItsNeighbours() throws Exception {
        Stack stack = Stack.fresh(1);
        FixedBundles bundles = new FixedBundles(Duration.ofMillis(20), crops -> {
            if (crops.stream().anyMatch(crop -> (crop[0] & 0xff) == 255 && crop[1] == 0 && (crop[2] & 0xff) == 255)) {
                throw new EncoderException(Kind.FAILED, "bad input", null);
            }
        });
        try (ModeratorApp app = ModeratorApp.start(stack.settings(), bundles);
                KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = 0; i < 20; i++) {
                byte[] image = i == 7 ? Stack.png(40, 36, MAGENTA) : Stack.png(i);
                var unused = producer.send(stack.record("image-" + i, Stack.image("image-" + i, image)));
            }
            producer.flush();
            assertThat(results(stack, 19))
                    .hasSize(19)
                    .extracting(ConsumerRecord::key)
                    .doesNotContain("image-7");
            List<ConsumerRecord<String, ModerationFailure>> failures = stack.read(
                    stack.topics.failures().name(),
                    stack.serdes.failures().deserializer(),
                    PATIENCE,
                    r -> !r.isEmpty());
            assertThat(failures).hasSize(1);
            assertThat(failures.get(0).key()).isEqualTo("image-7");
            assertThat(failures.get(0).value().getReason().name()).isEqualTo("ENCODER_FAILED");
            assertThat(failures.get(0).value().getDetail()).isEqualTo("bad input");
            assertThat(app.health().ready()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void losesAndDoublesNothingWhileInstancesJoinAndLeave(String protocol) throws Exception {
        Stack stack = Stack.fresh(4);
        String[] settings = {"stream.protocol", protocol};
        FixedBundles bundles = new FixedBundles(Duration.ofMillis(10), crops -> {});
        try (ModeratorApp first = ModeratorApp.start(stack.settings(settings), bundles)) {
            Thread publisher = new Thread(() -> {
                for (int i = 0; i < 1200; i += 20) {
                    publish(stack, i, i + 20);
                }
            });
            publisher.start();
            for (int i = 0; i < 2; i++) {
                try (ModeratorApp second = ModeratorApp.start(stack.settings(settings), bundles)) {
                    Thread.sleep(300);
                    assertThat(second.opsPort()).isPositive();
                }
            }
            publisher.join();
            assertThat(keys(stack, 1200)).hasSize(1200).doesNotHaveDuplicates();
            assertThat(first.opsPort()).isPositive();
        }
    }

    @Test
    void finishesWhatIsInWorkWhenItIsClosedAndGoesOnThereAfterwards() throws Exception {
        Stack stack = Stack.fresh(2);
        FixedBundles bundles = new FixedBundles(Duration.ofMillis(30), crops -> {});
        ModeratorApp app = ModeratorApp.start(stack.settings("batch.max", "4"), bundles);
        publish(stack, 0, 100);
        Thread.sleep(100);
        app.close();
        int done = keys(stack, 1).size();
        try (ModeratorApp again = ModeratorApp.start(stack.settings(), bundles)) {
            assertThat(keys(stack, 100)).hasSize(100).doesNotHaveDuplicates();
            assertThat(again.health().ready()).isTrue();
        }
        assertThat(done).isPositive();
    }

    private static void publish(Stack stack, int from, int to) {
        try (KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = from; i < to; i++) {
                var unused = producer.send(stack.record("image-" + i, Stack.image("image-" + i, Stack.png(i % 40))));
            }
        }
    }

    private static List<String> keys(Stack stack, int enough) {
        return results(stack, enough).stream().map(ConsumerRecord::key).toList();
    }

    private static List<ConsumerRecord<String, ModerationResult>> results(Stack stack, int enough) {
        return stack.read(
                stack.topics.results().name(),
                stack.serdes.results().deserializer(),
                PATIENCE,
                r -> r.size() >= enough);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

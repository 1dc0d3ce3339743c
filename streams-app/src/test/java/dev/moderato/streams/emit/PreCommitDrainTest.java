package dev.moderato.streams.emit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.streams.LeavingClients;
import dev.moderato.streams.Stack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is asked of Kafka Streams: the drain runs before the offsets of a task are committed, whatever makes it commit, and
 * not when it does not. The processor here forwards in the drain and nowhere else, and commits on its interval would come
 * after minutes: a Kafka that no longer calls the hook, or calls it after the commit, loses every record of these tests.
 */
class PreCommitDrainTest {
    private static final int PARTITIONS = 2;
    private static final int RECORDS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String LOST = "records] \nExpected size: ";

    private final Stack stack = Stack.withoutPolicy(PARTITIONS);
    private final AtomicInteger drained = new AtomicInteger();
    private final List<String> downstream = Collections.synchronizedList(new ArrayList<>());

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void runsBeforeTheCommitThatATaskAsksFor(String protocol) throws Exception {
        commitThatATaskAsksFor(protocol, Hook.KAFKAS_OWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void runsBeforeTheCommitOfACleanClose(String protocol) throws Exception {
        commitOfACleanClose(protocol, Hook.KAFKAS_OWN);
        assertThat(drained.get()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void runsBeforeThePartitionsAreGivenAway(String protocol) throws Exception {
        partitionsGivenAway(protocol, Hook.KAFKAS_OWN);
        assertThat(drained.get()).isPositive();
    }

    /** The three above would tell: they fail, by the records that are lost, with a Kafka that has no such hook. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "KAFKAS_OWN")
    void wouldTellOfAKafkaThatDoesOtherwise(Hook hook) {
        assertThatThrownBy(() -> commitThatATaskAsksFor("classic", hook)).hasMessageContaining(LOST);
        assertThatThrownBy(() -> again().commitOfACleanClose("classic", hook)).hasMessageContaining(LOST);
        assertThatThrownBy(() -> again().partitionsGivenAway("classic", hook)).hasMessageContaining(LOST);
    }

    private static PreCommitDrainTest again() {
        return new PreCommitDrainTest();
    }

    private void commitThatATaskAsksFor(String protocol, Hook hook) throws Exception {
        try (KafkaStreams streams = start(protocol, new Asked(Long.MAX_VALUE), hook)) {
            publish(0, RECORDS);
            await(() -> Asked.held.get() >= RECORDS);
            assertThat(drained).hasValue(0);
            assertThat(downstream).isEmpty();
            assertThat(committed()).isZero();
            publish(RECORDS, RECORDS + 1, "commit");
            await(() -> committed() > RECORDS);
            assertThat(streams.state()).isEqualTo(KafkaStreams.State.RUNNING);
            // visible already, though no later commit can have made it so
            assertCommitted(RECORDS + 1);
        }
        assertCommitted(RECORDS + 1);
    }

    private void commitOfACleanClose(String protocol, Hook hook) throws Exception {
        try (KafkaStreams streams = start(protocol, new Asked(Long.MAX_VALUE), hook)) {
            publish(0, RECORDS);
            await(() -> Asked.held.get() >= RECORDS);
            assertThat(drained).hasValue(0);
            close(streams);
        }
        assertThat(committed()).isGreaterThanOrEqualTo(RECORDS);
        assertCommitted(RECORDS);
    }

    private void partitionsGivenAway(String protocol, Hook hook) throws Exception {
        try (KafkaStreams first = start(protocol, new Asked(Long.MAX_VALUE), hook)) {
            publish(0, RECORDS);
            await(() -> Asked.held.get() >= RECORDS);
            try (KafkaStreams second = start(protocol, new Asked(Long.MAX_VALUE), hook)) {
                await(() -> committed() > 0);
                close(second);
            }
            close(first);
        }
        assertCommitted(RECORDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void commitsNothingOfAThreadThatFailed(String protocol) throws Exception {
        int fault = RECORDS / 2;
        try (KafkaStreams streams = start(protocol, new Asked(fault))) {
            publish(0, RECORDS);
            await(() -> Asked.held.get() >= fault + RECORDS); // everything again, on a thread that replaced the first
            assertThat(committed()).isZero();
            close(streams);
        }
        assertCommitted(RECORDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void forwardsAsIfEachRecordWereInProcess(String protocol) throws Exception {
        try (KafkaStreams streams = start(protocol, new Asked(Long.MAX_VALUE))) {
            publish(0, 3);
            await(() -> Asked.held.get() >= 3);
            close(streams);
        }
        assertThat(downstream)
                .containsExactlyInAnyOrder(
                        "0 at 1000 header 0 of 0", "1 at 1001 header 1 of 0", "2 at 1002 header 2 of 1");
    }

    /** Holds what comes; forwards it in the drain; asks for a commit where the record says so; fails once where told. */
    private final class Asked {
        /** Records that a processor holds or held, of all instances of one test. */
        private static final AtomicInteger held = new AtomicInteger();

        private final AtomicInteger untilFault;

        private Asked(long fault) {
            held.set(0);
            untilFault = new AtomicInteger((int) Math.min(fault, Integer.MAX_VALUE));
        }

        private Processor<String, byte[], String, byte[]> processor() {
            return new Processor<>() {
                private record Held(PreCommitDrain.Origin origin, Record<String, byte[]> record) {}

                private final List<Held> ring = new ArrayList<>();

                @SuppressWarnings("NullAway.Init")
                private ProcessorContext<String, byte[]> context;

                @SuppressWarnings("NullAway.Init")
                private PreCommitDrain drain;

                @Override
                public void init(ProcessorContext<String, byte[]> processorContext) {
                    ring.clear();
                    context = processorContext;
                    StateStore store = context.getStateStore("drain");
                    drain = store instanceof Hidden hidden ? hidden.drain() : (PreCommitDrain) store;
                    drain.attach(context, () -> {
                        if (!ring.isEmpty()) {
                            drained.incrementAndGet();
                        }
                        ring.forEach(one -> drain.forward(one.origin(), one.record(), "seen"));
                        ring.clear();
                    });
                }

                @Override
                public void process(Record<String, byte[]> record) {
                    if (untilFault.getAndDecrement() == 0) {
                        throw new IllegalStateException("told to fail");
                    }
                    ring.add(new Held(drain.origin(), record));
                    held.incrementAndGet();
                    if (new String(record.value(), StandardCharsets.UTF_8).equals("commit")) {
                        context.commit();
                    }
                }

                @Override
                public void close() {
                    drain.detach();
                }
            };
        }
    }

    /** When the drain is run. */
    private enum Hook {
        /** As it is: a task flushes its caches first. */
        KAFKAS_OWN,
        /** By a Kafka that flushes no caches any more. */
        NEVER,
        /** By the hook that Kafka documents, which comes after the commit. */
        STATE_STORE_COMMIT
    }

    /** A store that hides the drain from Kafka: as if its own hook were gone, or were called too late. */
    private record Hidden(PreCommitDrain drain, Hook hook) implements StateStore {
        @Override
        public void commit(Map<TopicPartition, Long> changelogOffsets) {
            if (hook == Hook.STATE_STORE_COMMIT) {
                drain.flushCache();
            }
        }

        @Override
        public String name() {
            return drain.name();
        }

        @Override
        public void init(StateStoreContext context, StateStore root) {
            drain.init(context, root);
        }

        @Override
        public void close() {
            drain.close();
        }

        @Override
        public boolean persistent() {
            return drain.persistent();
        }

        @Override
        public boolean isOpen() {
            return drain.isOpen();
        }
    }

    private static StoreBuilder<? extends StateStore> store(Hook hook) {
        StoreBuilder<PreCommitDrain> real = PreCommitDrain.builder("drain");
        return hook == Hook.KAFKAS_OWN
                ? real
                : new StoreBuilder<Hidden>() {
                    @Override
                    public Hidden build() {
                        return new Hidden(real.build(), hook);
                    }

                    @Override
                    public String name() {
                        return real.name();
                    }

                    @Override
                    public Map<String, String> logConfig() {
                        return real.logConfig();
                    }

                    @Override
                    public boolean loggingEnabled() {
                        return false;
                    }

                    @Override
                    public StoreBuilder<Hidden> withCachingEnabled() {
                        return this;
                    }

                    @Override
                    public StoreBuilder<Hidden> withCachingDisabled() {
                        return this;
                    }

                    @Override
                    public StoreBuilder<Hidden> withLoggingEnabled(Map<String, String> config) {
                        return this;
                    }

                    @Override
                    public StoreBuilder<Hidden> withLoggingDisabled() {
                        return this;
                    }
                };
    }

    private KafkaStreams start(String protocol, Asked asked) throws Exception {
        return start(protocol, asked, Hook.KAFKAS_OWN);
    }

    private KafkaStreams start(String protocol, Asked asked, Hook hook) throws Exception {
        Topology topology = new Topology()
                .addSource(
                        "in",
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        stack.topics.images().name())
                .addProcessor("held", asked::processor, "in")
                .addStateStore(store(hook), "held")
                .addProcessor("seen", Seen::new, "held")
                .addSink(
                        "out",
                        stack.topics.results().name(),
                        new StringSerializer(),
                        new ByteArraySerializer(),
                        "seen");
        Properties config = new Properties();
        config.putAll(stack.client());
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, stack.applicationId);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Duration.ofMinutes(10).toMillis());
        config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, protocol);
        config.put(StreamsConfig.POLL_MS_CONFIG, 5);
        if (protocol.equals("classic")) {
            config.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, LeavingClients.class); // as the service does
        }
        config.put(
                StreamsConfig.producerPrefix("transaction.timeout.ms"),
                Math.toIntExact(Duration.ofMinutes(14).toMillis()));
        KafkaStreams streams = new KafkaStreams(topology, config);
        streams.setUncaughtExceptionHandler(e -> StreamThreadExceptionResponse.REPLACE_THREAD);
        streams.start();
        await(() -> streams.state() == KafkaStreams.State.RUNNING);
        return streams;
    }

    /** Tells what a node behind the processor sees of a record's context. */
    private final class Seen extends ContextualProcessor<String, byte[], String, byte[]> {
        @Override
        public void process(Record<String, byte[]> record) {
            RecordMetadata metadata = context().recordMetadata().orElseThrow();
            downstream.add(record.key() + " at " + record.timestamp() + " header " + header(record.headers()) + " of "
                    + metadata.offset());
            context().forward(record);
        }

        private static String header(Headers headers) {
            return new String(headers.lastHeader("n").value(), StandardCharsets.UTF_8);
        }
    }

    private void publish(int from, int to) {
        publish(from, to, "x");
    }

    private void publish(int from, int to, String value) {
        try (KafkaProducer<String, byte[]> producer = stack.producer()) {
            for (int i = from; i < to; i++) {
                ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                        stack.topics.images().name(),
                        i % PARTITIONS,
                        1000L + i,
                        Integer.toString(i),
                        value.getBytes(StandardCharsets.UTF_8));
                record.headers().add("n", Integer.toString(i).getBytes(StandardCharsets.UTF_8));
                var unused = producer.send(record);
            }
        }
    }

    /** All outputs there are: so many, and none twice. */
    private void assertCommitted(int records) throws Exception {
        Stack.Committed<byte[]> outputs =
                stack.readToTheEnd(stack.topics.results().name(), new ByteArrayDeserializer(), PATIENCE);
        assertThat(outputs.hidden()).as("records behind an open transaction").isZero();
        assertThat(outputs.records())
                .as(records + " records")
                .extracting(ConsumerRecord::key)
                .hasSize(records)
                .doesNotHaveDuplicates();
    }

    private long committed() {
        try {
            return stack.committed();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(KafkaStreams streams) {
        assertThat(streams.close(CloseOptions.timeout(PATIENCE)
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)))
                .isTrue();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

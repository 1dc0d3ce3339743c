package dev.moderato.streams.emit;

import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.settings.StreamSettings;
import java.time.Clock;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The whole stream on one page: {@code images → moderate → results | failures, embeddings}. All between is in the
 * pipeline, which the processor feeds and drains.
 */
public final class ModerationTopology {
    private ModerationTopology() {}

    public static Topology build(
            Topics topics, EventSerdes serdes, Intake intake, OutcomeListener listener, StreamSettings settings) {
        OutputNames names = new OutputNames("results", "failures", "embeddings", "before-commit");
        StoreBuilder<PreCommitDrain> drain = PreCommitDrain.builder(names.drain());
        OutcomeEvents events = new OutcomeEvents(Clock.systemUTC());
        StringSerializer keys = new StringSerializer();
        return new Topology()
                .addSource(
                        "images",
                        new StringDeserializer(),
                        serdes.images().deserializer(),
                        topics.images().name())
                .addProcessor(
                        "moderate",
                        () -> new ModerationProcessor(
                                names, intake, events, listener, settings.ring(), settings.drain()),
                        "images")
                .addStateStore(drain, "moderate")
                .addSink(
                        names.results(),
                        topics.results().name(),
                        keys,
                        serdes.results().serializer(),
                        "moderate")
                .addSink(
                        names.failures(),
                        topics.failures().name(),
                        keys,
                        serdes.failures().serializer(),
                        "moderate")
                .addSink(
                        names.embeddings(),
                        topics.embeddings().name(),
                        keys,
                        serdes.embeddings().serializer(),
                        "moderate");
    }
}

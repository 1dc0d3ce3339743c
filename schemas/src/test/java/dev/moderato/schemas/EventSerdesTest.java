package dev.moderato.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs in a JVM without Avro's flag for trusted packages, as a user's would. */
class EventSerdesTest {
    private final EventSerdes serdes = EventSerdes.at("mock://EventSerdesTest");

    static Stream<Arguments> events() {
        EventSerdes serdes = EventSerdes.at("mock://EventSerdesTest");
        return Stream.of(
                Arguments.of("images", serdes.images(), Examples.image()),
                Arguments.of("images", serdes.images(), Examples.reference()),
                Arguments.of("results", serdes.results(), Examples.result()),
                Arguments.of("failures", serdes.failures(), Examples.failure()),
                Arguments.of("embeddings", serdes.embeddings(), Examples.embedding()),
                Arguments.of("feedback", serdes.feedback(), Examples.feedback()),
                Arguments.of("policies", serdes.policies(), Examples.policy()),
                Arguments.of("models", serdes.models(), Examples.model()));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("events")
    <T> void everyEventComesBackEqual(String topic, Serde<T> serde, T event) {
        byte[] bytes = serde.serializer().serialize(topic, event);

        assertThat(bytes[0]).as("Confluent's magic byte").isZero();
        assertThat(serde.deserializer().deserialize(topic, bytes)).isEqualTo(event);
    }

    @Test
    void theTestsRunWithoutAvrosFlag() {
        assertThat(System.getProperty("org.apache.avro.SERIALIZABLE_PACKAGES")).isNull();
        assertThat(System.getProperty("org.apache.avro.SERIALIZABLE_CLASSES")).isNull();
    }

    @Test
    void anImageIsEitherBytesOrAReference() {
        Serde<ImageSubmitted> serde = serdes.images();

        assertThat(roundTrip(serde, Examples.image()).getImage()).isInstanceOf(ByteBuffer.class);
        assertThat(roundTrip(serde, Examples.reference()).getImage()).isInstanceOf(ImageReference.class);
    }

    @Test
    void tombstonesPass() {
        assertThat(serdes.policies().serializer().serialize("policies", null)).isNull();
        assertThat(serdes.policies().deserializer().deserialize("policies", null))
                .isNull();
    }

    @Test
    void anotherEventOnTheTopicIsAnError() {
        byte[] bytes = serdes.policies().serializer().serialize("mixed", Examples.policy());

        assertThatThrownBy(() -> serdes.models().deserializer().deserialize("mixed", bytes))
                .isInstanceOf(SerializationException.class);
    }

    @Test
    void aMissingRegistryAddressIsNamed() {
        assertThatThrownBy(() -> EventSerdes.with(Map.of()))
                .hasMessage("The registry's address is missing: set schema.registry.url.");
    }

    private static <T> T roundTrip(Serde<T> serde, T event) {
        return serde.deserializer().deserialize("t", serde.serializer().serialize("t", event));
    }
}

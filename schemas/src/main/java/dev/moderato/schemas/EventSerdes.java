package dev.moderato.schemas;

import dev.moderato.events.Feedback;
import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.ModelReleased;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.PolicyPublished;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDeConfig;
import io.confluent.kafka.serializers.KafkaAvroDeserializerConfig;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.confluent.kafka.serializers.KafkaAvroSerializerConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The serdes of the events: Confluent's wire format, generated classes, subjects named {@code <topic>-value}. Each call
 * makes a new serde with its own registry client; close it with what uses it.
 */
public final class EventSerdes {
    static {
        TrustedEvents.trust();
    }

    private final Map<String, Object> config;

    private EventSerdes(Map<String, ?> config) {
        this.config = new HashMap<>(config);
        // Java's string hint means nothing to other languages: without it all of them register the same schema.
        this.config.putIfAbsent(KafkaAvroSerializerConfig.AVRO_REMOVE_JAVA_PROPS_CONFIG, true);
    }

    /** Serdes over the registry at an address, for example {@code http://127.0.0.1:8081}. */
    public static EventSerdes at(String registryUrl) {
        return new EventSerdes(Map.of(AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG, registryUrl));
    }

    /**
     * Serdes with Confluent's own settings: {@code schema.registry.url}, and as needed credentials, TLS or
     * {@code auto.register.schemas}. Settings that Confluent does not know are ignored.
     *
     * @throws IllegalArgumentException without {@code schema.registry.url}
     */
    public static EventSerdes with(Map<String, ?> clientConfig) {
        if (!clientConfig.containsKey(AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG)) {
            throw new IllegalArgumentException("The registry's address is missing: set "
                    + AbstractKafkaSchemaSerDeConfig.SCHEMA_REGISTRY_URL_CONFIG + ".");
        }
        return new EventSerdes(clientConfig);
    }

    public Serde<ImageSubmitted> images() {
        return of(ImageSubmitted.class);
    }

    public Serde<ModerationResult> results() {
        return of(ModerationResult.class);
    }

    public Serde<ModerationFailure> failures() {
        return of(ModerationFailure.class);
    }

    public Serde<ImageEmbedding> embeddings() {
        return of(ImageEmbedding.class);
    }

    public Serde<Feedback> feedback() {
        return of(Feedback.class);
    }

    public Serde<PolicyPublished> policies() {
        return of(PolicyPublished.class);
    }

    public Serde<ModelReleased> models() {
        return of(ModelReleased.class);
    }

    private <T extends SpecificRecord> Serde<T> of(Class<T> type) {
        KafkaAvroSerializer serializer = new KafkaAvroSerializer();
        serializer.configure(config, false);
        Map<String, Object> reading = new HashMap<>(config);
        reading.put(KafkaAvroDeserializerConfig.SPECIFIC_AVRO_READER_CONFIG, true);
        reading.put(KafkaAvroDeserializerConfig.SPECIFIC_AVRO_VALUE_TYPE_CONFIG, type);
        return Serdes.serdeFrom(narrowed(serializer), new EventDeserializer<>(type, reading));
    }

    @SuppressWarnings("unchecked") // what serialises any object serialises a T
    private static <T> Serializer<T> narrowed(Serializer<Object> serializer) {
        return (Serializer<T>) (Serializer<?>) serializer;
    }
}

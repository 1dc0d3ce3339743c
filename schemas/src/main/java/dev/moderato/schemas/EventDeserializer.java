package dev.moderato.schemas;

import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Confluent's deserializer for one type of event: anything else is an error, not a surprise further on. */
final class EventDeserializer<T> implements Deserializer<T> {
    private final KafkaAvroDeserializer confluent = new KafkaAvroDeserializer();
    private final Class<T> type;

    EventDeserializer(Class<T> type, Map<String, ?> config) {
        this.type = type;
        confluent.configure(config, false);
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] data) {
        return typed(topic, confluent.deserialize(topic, data));
    }

    @Override
    public @Nullable T deserialize(String topic, Headers headers, byte @Nullable [] data) {
        return typed(topic, confluent.deserialize(topic, headers, data));
    }

    private @Nullable T typed(String topic, @Nullable Object event) {
        if (event == null || type.isInstance(event)) {
            return type.cast(event);
        }
        throw new SerializationException(
                "A record on " + topic + " is a " + event.getClass().getName() + ", not a " + type.getName() + ".");
    }

    @Override
    public void close() {
        confluent.close();
    }
}

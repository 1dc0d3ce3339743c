package dev.moderato.schemas;

import dev.moderato.events.Feedback;
import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.ModelReleased;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.PolicyPublished;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaUtils;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** The schema that is registered for each topic: whole, and without the hints that only Java reads. */
record PublishedSchemas(Topics topics) {

    Optional<Schema> of(Topic topic) {
        return event(topic).map(event -> AvroSchemaUtils.getSchema(event, false, false, true));
    }

    List<Schema> all() {
        return topics.all().stream().flatMap(topic -> of(topic).stream()).toList();
    }

    /** Empty for the topic of what is no event. */
    private Optional<SpecificRecord> event(Topic topic) {
        String kind = topic.name().substring(topics.prefix().length() + 1);
        return switch (kind) {
            case "images" -> Optional.of(new ImageSubmitted());
            case "results" -> Optional.of(new ModerationResult());
            case "failures" -> Optional.of(new ModerationFailure());
            case "embeddings" -> Optional.of(new ImageEmbedding());
            case "feedback" -> Optional.of(new Feedback());
            case "policies" -> Optional.of(new PolicyPublished());
            case "models" -> Optional.of(new ModelReleased());
            case "dead-letters" -> Optional.empty();
            default -> throw new IllegalArgumentException("Which event travels on " + topic.name() + "?");
        };
    }
}

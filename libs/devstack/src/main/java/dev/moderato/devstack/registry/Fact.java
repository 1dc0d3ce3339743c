package dev.moderato.devstack.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.kafka.schemaregistry.client.rest.entities.Schema;
import io.confluent.kafka.schemaregistry.utils.JacksonMapper;
import org.jspecify.annotations.Nullable;

/** One thing that the registry remembers. A later fact of the same key replaces it. */
sealed interface Fact {
    ObjectMapper JSON = JacksonMapper.INSTANCE;

    /** A version of a subject; deleted ones stay readable by their id. */
    record Version(Schema schema, boolean deleted) implements Fact {
        String subject() {
            return schema.getSubject();
        }

        int version() {
            return schema.getVersion();
        }

        int id() {
            return schema.getId();
        }

        @Override
        public ObjectNode key() {
            return name("SCHEMA", subject()).put("version", version());
        }

        @Override
        public ObjectNode value() {
            return JSON.<ObjectNode>valueToTree(schema).put("deleted", deleted);
        }
    }

    /** A setting of one subject, or of all that have none of their own; null once removed. */
    record Setting(
            Kind kind, @Nullable String subject, @Nullable String setting) implements Fact {
        @Override
        public ObjectNode key() {
            return name(kind.name(), subject);
        }

        @Override
        public @Nullable ObjectNode value() {
            return setting == null ? null : JSON.createObjectNode().put(kind.field, setting);
        }
    }

    /** What can be set. */
    enum Kind {
        CONFIG("compatibilityLevel"),
        MODE("mode");

        private final String field;

        Kind(String field) {
            this.field = field;
        }
    }

    /** What a later fact must share to replace this one. */
    ObjectNode key();

    /** Null to forget. */
    @Nullable
    ObjectNode value();

    static Fact read(byte[] key, byte @Nullable [] value) {
        try {
            JsonNode name = JSON.readTree(new String(key, UTF_8));
            JsonNode what = value == null ? null : JSON.readTree(new String(value, UTF_8));
            String type = name.path("keytype").asText();
            if (type.equals("SCHEMA") && what != null) {
                boolean deleted = what.path("deleted").asBoolean();
                return new Version(JSON.treeToValue(what, Schema.class), deleted);
            }
            Kind kind = Kind.valueOf(type);
            return new Setting(
                    kind,
                    name.path("subject").textValue(),
                    what == null ? null : what.path(kind.field).textValue());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw RegistryException.store(e);
        }
    }

    private static ObjectNode name(String type, @Nullable String subject) {
        return JSON.createObjectNode().put("keytype", type).put("subject", subject);
    }
}

package dev.moderato.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A consumer with the new schema must read what was written with the released one. Writes the present schemas to
 * {@code target/schemas}, from where a release copies them to {@code src/released/avro}.
 */
class ReleasedSchemasTest {
    private static final Path RELEASED = Path.of("src", "released", "avro");
    private static final Path PRESENT = Path.of("target", "schemas");

    static List<Schema> schemas() throws IOException {
        List<Schema> schemas = new PublishedSchemas(Topics.defaults()).all();
        Files.createDirectories(PRESENT);
        for (Schema schema : schemas) {
            Files.writeString(
                    PRESENT.resolve(schema.getName() + ".avsc"), SchemaFormatter.format("json/pretty", schema) + "\n");
        }
        return schemas;
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everySchemaReadsWhatTheReleasedOneWrote(Schema schema) throws IOException {
        Path released = RELEASED.resolve(schema.getName() + ".avsc");
        assertThat(released)
                .as(
                        "A new event: release its schema, cp schemas/%s schemas/%s",
                        PRESENT.resolve(released.getFileName()), released)
                .exists();

        assertThat(breaks(schema, Files.readString(released)))
                .as(
                        "%s no longer reads records written with its released schema (BACKWARD compatibility).%n"
                                + "Give new fields a default and enums a default symbol; do not rename, remove a union's"
                                + " branch or change a type.%n"
                                + "If the break is meant and every record of the old kind is gone, release the new schema:"
                                + " cp schemas/%s schemas/%s",
                        schema.getFullName(), PRESENT.resolve(released.getFileName()), released)
                .isEmpty();
    }

    @Test
    void noReleasedEventIsDropped() throws IOException {
        List<String> present =
                schemas().stream().map(schema -> schema.getName() + ".avsc").toList();
        try (Stream<Path> files = Files.list(RELEASED)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("Records of a released event are still on its topic: keep the event")
                    .isSubsetOf(present);
        }
    }

    @Test
    void theCheckFindsAFieldWithoutDefault() {
        Schema old = Schema.createRecord("E", null, "n", false, List.of());
        Schema changed = Schema.createRecord(
                "E", null, "n", false, List.of(new Schema.Field("a", Schema.create(Schema.Type.INT))));

        assertThat(breaks(changed, old.toString()))
                .anySatisfy(reason -> assertThat(reason).contains("READER_FIELD_MISSING_DEFAULT_VALUE"));
    }

    private static List<String> breaks(Schema present, String released) {
        return new AvroSchema(present).isBackwardCompatible(new AvroSchema(released));
    }
}

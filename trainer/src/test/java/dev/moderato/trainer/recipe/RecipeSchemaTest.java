package dev.moderato.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The published schema says what the parser does. */
class RecipeSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Keys whose value is held in a field of another name. */
    private static final Map<String, List<String>> KEYS_OF =
            Map.of("length", List.of("steps", "epochs"), "checkpointInterval", List.of("checkpointMinutes"));

    private static final List<String> VALUES = List.of(
            "0",
            "1",
            "2",
            "-1",
            "3.5",
            "0.5",
            "0.95",
            "1e-5",
            "1001",
            "1000001",
            "10000000000",
            "true",
            "\"on\"",
            "\"off\"",
            "\"no\"",
            "\"auto\"",
            "\"adamw\"",
            "\"sgd\"",
            "\"sigmoid\"",
            "\"cosine\"",
            "\"train\"",
            "\"bf16\"",
            "\"\"",
            "[]",
            "{}",
            "[0.9, 0.95]",
            "[0.9]",
            "[1, 2]",
            "[\"image\"]",
            "[\"text:2\"]",
            "[\"text:0\"]",
            "[\"head\"]",
            "{\"learn\": true}",
            "{\"value\": 50}",
            "{\"value\": 101}",
            "{\"learned\": 1}");

    private final JsonNode document = document();
    private final Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(document.toString());

    private static JsonNode document() {
        try {
            return JSON.readTree(Files.readString(root().resolve("docs/recipe.schema.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docs/recipe.schema.json"))) {
            here = Objects.requireNonNull(here.getParent(), "no docs/recipe.schema.json above");
        }
        return here;
    }

    @Test
    void hasTheParsersKeys() {
        Set<String> keys = new TreeSet<>();
        for (RecordComponent component : Recipe.class.getRecordComponents()) {
            keys.addAll(KEYS_OF.getOrDefault(component.getName(), List.of(component.getName())));
        }
        Set<String> published = new TreeSet<>();
        document.path("properties").fieldNames().forEachRemaining(published::add);
        assertThat(published).isEqualTo(keys);
    }

    @Test
    void hasTheParsersDefaults() throws Exception {
        Recipe empty = RecipeParser.parse("", "r.yaml");
        Map<String, JsonNode> defaults = new TreeMap<>();
        document.path("properties").properties().forEach(property -> {
            JsonNode value = property.getValue().path("default");
            if (!value.isMissingNode()) {
                defaults.put(property.getKey(), value);
            }
        });
        assertThat(defaults).hasSizeGreaterThan(20);
        for (Map.Entry<String, JsonNode> entry : defaults.entrySet()) {
            String recipe = "{\"" + entry.getKey() + "\": " + entry.getValue() + "}";
            assertThat(RecipeParser.parse(recipe, "r.yaml")).as(recipe).isEqualTo(empty);
        }
    }

    @Test
    void acceptsAndRefusesWhatTheParserDoes() throws Exception {
        int accepted = 0;
        int refused = 0;
        List<String> keys = Stream.concat(
                        document.path("properties").properties().stream().map(Map.Entry::getKey),
                        Stream.of("learningrate", "other"))
                .toList();
        for (String key : keys) {
            for (String value : VALUES) {
                // auto needs pairs that are held out, which no schema can say
                String recipe = "{" + (key.equals("validation") ? "" : "\"validation\": 0.1, ") + "\"" + key + "\": "
                        + value + "}";
                boolean published = schema.validate(JSON.readTree(recipe)).isEmpty();
                assertThat(parses(recipe)).as(recipe).isEqualTo(published);
                accepted += published ? 1 : 0;
                refused += published ? 0 : 1;
            }
        }
        assertThat(accepted).isGreaterThan(60);
        assertThat(refused).isGreaterThan(400);
        for (String recipe : Arrays.asList("{\"steps\": 1, \"epochs\": 2}", "[1]", "{}")) {
            assertThat(parses(recipe))
                    .as(recipe)
                    .isEqualTo(schema.validate(JSON.readTree(recipe)).isEmpty());
        }
    }

    private static boolean parses(String recipe) {
        try {
            RecipeParser.parse(recipe, "r.yaml");
            return true;
        } catch (RecipeException e) {
            return false;
        }
    }
}

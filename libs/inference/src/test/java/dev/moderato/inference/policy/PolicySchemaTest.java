package dev.moderato.inference.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.nodes.Node;

/** The editors' schema and the parser agree on everything that a schema can express: what the draft reader checks. */
class PolicySchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NAMES = List.of(
            "policy",
            "neutral",
            "labels",
            "prompts",
            "thresholds",
            "review",
            "block",
            "mode",
            "tests",
            "a",
            "odd",
            "a b");
    private static final List<String> VALUES = List.of(
            "\"\"",
            "\" \"",
            "\"text\"",
            "\"{}\"",
            "\"a {} and {}\"",
            "\"<|startoftext|>\"",
            "0",
            "0.5",
            "1",
            "1.01",
            "-1",
            "7.5",
            "true",
            "null",
            "[]",
            "{}",
            "[\"x\"]",
            "[1]",
            "{\"review\": 0.2}",
            "\"allow\"",
            "\"live\"",
            "\"shadow\"");

    private final Random random = new Random(11);

    @Test
    void acceptsAndRejectsWhatTheParserDoes() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(root().resolve("prompts/policy.schema.json")));
        JsonNode valid = JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(PolicyFiles.KNIFE));
        assertThat(schema.validate(valid)).isEmpty();

        int accepted = 0;
        int rejected = 0;
        for (int round = 0; round < 1_500; round++) {
            JsonNode mutant = valid.deepCopy();
            for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
                mutate(mutant);
            }
            boolean schemaAccepts = schema.validate(mutant).isEmpty();
            List<Diagnostic> errors = read(mutant.toString());
            assertThat(errors.isEmpty())
                    .as("parser %s, schema %s on %s", errors, schema.validate(mutant), mutant)
                    .isEqualTo(schemaAccepts);
            if (schemaAccepts) {
                accepted++;
            } else {
                rejected++;
            }
        }
        assertThat(accepted).isGreaterThan(100);
        assertThat(rejected).isGreaterThan(500);
    }

    private static List<Diagnostic> read(String text) {
        List<Diagnostic> found = new ArrayList<>();
        Node root = Objects.requireNonNull(YamlText.compose("p.yaml", text, found));
        new DraftReader(
                        new NodeReader("p.yaml", found),
                        PolicyFiles.templates(java.util.Map.of(
                                "text", "- {}", "allow", "- a {}", "live", "- a {}", "shadow", "- a {}")),
                        found)
                .read(root);
        return found;
    }

    /** Changes one place, drawn from all of the tree: drops, renames, adds, or puts another value there. */
    private void mutate(JsonNode tree) throws IOException {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        if (container instanceof ArrayNode array) {
            int at = random.nextInt(array.size() + 1);
            if (at == array.size()) {
                array.add(value);
            } else if (random.nextBoolean()) {
                array.set(at, value);
            } else {
                array.remove(at);
            }
            return;
        }
        ObjectNode object = (ObjectNode) container;
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        String name = NAMES.get(random.nextInt(NAMES.size()));
        if (keys.isEmpty() || random.nextInt(4) == 0) {
            object.set(name, value);
            return;
        }
        String key = keys.get(random.nextInt(keys.size()));
        switch (random.nextInt(3)) {
            case 0 -> object.remove(key);
            case 1 -> object.set(name, Objects.requireNonNull(object.remove(key)));
            default -> object.set(key, value);
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static Path root() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("pom.xml"))
                || !Files.readString(folder.resolve("pom.xml")).contains("<modules>")) {
            folder = Objects.requireNonNull(folder.getParent());
        }
        return folder;
    }
}

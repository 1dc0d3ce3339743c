package dev.moderato.trainer.scratch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A mapping of an architecture file; every complaint names its line. */
final class YamlFields {
    private final String origin;
    private final String prefix;
    private final Node node;
    private final Map<String, Node> values = new LinkedHashMap<>();

    private YamlFields(String origin, String prefix, MappingNode node) {
        this.origin = origin;
        this.prefix = prefix;
        this.node = node;
        for (NodeTuple tuple : node.getValue()) {
            values.put(text(tuple.getKeyNode()), tuple.getValueNode());
        }
    }

    static YamlFields parse(String text, String origin) {
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder().setLabel(origin).build()).composeString(text);
        } catch (YamlEngineException e) {
            throw new ArchitectureException(origin + " is not YAML: " + e.getMessage());
        }
        if (root.isEmpty() || !(root.get() instanceof MappingNode mapping)) {
            throw new ArchitectureException(origin + ": expected the keys embedding, image and text");
        }
        return new YamlFields(origin, "", mapping);
    }

    void allowOnly(Set<String> keys) {
        for (Map.Entry<String, Node> entry : values.entrySet()) {
            if (!keys.contains(entry.getKey())) {
                throw at(
                        entry.getValue(),
                        prefix + entry.getKey() + " is unknown here; known are "
                                + String.join(", ", new TreeSet<>(keys)));
            }
        }
    }

    YamlFields fields(String key) {
        Node value = required(key);
        if (value instanceof MappingNode mapping) {
            return new YamlFields(origin, prefix + key + ".", mapping);
        }
        throw error(key, "must be a mapping");
    }

    String word(String key) {
        return text(required(key));
    }

    int integer(String key, int least, int most) {
        return integer(key, required(key), least, most);
    }

    List<Integer> integers(String key, int least, int most) {
        List<Integer> all = new ArrayList<>();
        for (Node item : items(key, required(key))) {
            all.add(integer(key, item, least, most));
        }
        return all;
    }

    List<Double> numbersOr(String key, int count, List<Double> absent) {
        Node value = values.get(key);
        if (value == null) {
            return absent;
        }
        List<Double> all = new ArrayList<>();
        for (Node item : items(key, value)) {
            try {
                all.add(Double.parseDouble(text(item)));
            } catch (NumberFormatException e) {
                throw at(item, prefix + key + " must be numbers, not '" + text(item) + "'");
            }
        }
        if (all.size() != count) {
            throw error(key, "needs " + count + " numbers, not " + all.size());
        }
        return all;
    }

    ArchitectureException error(String key, String complaint) {
        return at(values.get(key), prefix + key + " " + complaint);
    }

    private int integer(String key, Node value, int least, int most) {
        int number;
        try {
            number = Integer.parseInt(text(value));
        } catch (NumberFormatException e) {
            throw at(value, prefix + key + " must be a whole number, not '" + text(value) + "'");
        }
        if (number < least || number > most) {
            throw at(value, prefix + key + " must lie in " + least + ".." + most + ", not be " + number);
        }
        return number;
    }

    private List<Node> items(String key, Node value) {
        if (value instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        throw error(key, "must be a list, as in [1, 2]");
    }

    private Node required(String key) {
        Node value = values.get(key);
        if (value == null) {
            throw at(node, prefix + key + " is missing");
        }
        return value;
    }

    private static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private ArchitectureException at(@Nullable Node place, String complaint) {
        Optional<Mark> mark = place == null ? Optional.empty() : place.getStartMark();
        String line = mark.map(m -> ":" + (m.getLine() + 1)).orElse("");
        return new ArchitectureException(origin + line + ": " + complaint);
    }
}

package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads typed values from YAML nodes; what does not fit becomes a diagnostic and is left out. */
final class NodeReader {
    /** A key with its value. */
    record Field(Located<String> key, Node value) {}

    private final String file;
    private final List<Diagnostic> found;

    NodeReader(String file, List<Diagnostic> found) {
        this.file = file;
        this.found = found;
    }

    Position at(Node node) {
        return Position.of(file, node);
    }

    void error(Node node, String message) {
        found.add(at(node).error(message));
    }

    /** The fields of a mapping in the file's order; duplicate keys, keys that are not text and unknown keys are left out. */
    Map<String, Field> fields(Node node, String what, Collection<String> known) {
        Map<String, Field> fields = entries(node, what);
        fields.values().removeIf(field -> {
            String key = field.key().value();
            if (known.contains(key)) {
                return false;
            }
            found.add(field.key().at().error("unknown key '" + key + "' in " + what + Nearest.advice(key, known)));
            return true;
        });
        return fields;
    }

    /** As {@link #fields}, with whatever names the user chose. */
    Map<String, Field> entries(Node node, String what) {
        Map<String, Field> fields = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            error(node, what + " is " + kind(node) + ": write keys with values, `key: value`");
            return fields;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar)) {
                error(keyNode, "a key in " + what + " is " + kind(keyNode) + ": a key is text");
                continue;
            }
            String key = scalar.getValue();
            if (!scalar.getTag().equals(Tag.STR)) {
                error(keyNode, "the key '" + key + "' in " + what + " is " + kind(keyNode) + ": put it in quotes");
                continue;
            }
            Field earlier = fields.get(key);
            if (earlier != null) {
                error(
                        keyNode,
                        "'" + key + "' stands twice in " + what + ": it is already on line "
                                + earlier.key().at().line());
                continue;
            }
            fields.put(key, new Field(new Located<>(key, at(keyNode)), tuple.getValueNode()));
        }
        return fields;
    }

    /** A list of texts; each is stripped of blanks at its ends, blank ones are errors. */
    List<Located<String>> texts(Node node, String what) {
        List<Located<String>> texts = new ArrayList<>();
        if (!(node instanceof SequenceNode sequence)) {
            error(node, what + " is " + kind(node) + ": write a list, [\"…\", \"…\"]");
            return texts;
        }
        for (Node item : sequence.getValue()) {
            Located<String> text = text(item, "an item of " + what);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    List<Node> items(Node node, String what) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        error(node, what + " is " + kind(node) + ": write a list, one `- …` an item");
        return List.of();
    }

    @Nullable
    Located<String> text(Node node, String what) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
            String value = scalar.getValue().strip();
            if (!value.isEmpty()) {
                return new Located<>(value, at(node));
            }
            error(node, what + " is empty");
            return null;
        }
        boolean quotable = node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL);
        error(node, what + " is " + kind(node) + ", not text" + (quotable ? ": put it in quotes" : ""));
        return null;
    }

    @Nullable
    Located<Double> number(Node node, String what) {
        if (node instanceof ScalarNode scalar) {
            if (scalar.getTag().equals(Tag.INT) || scalar.getTag().equals(Tag.FLOAT)) {
                Double value = decimal(scalar.getValue());
                if (value != null) {
                    return new Located<>(value, at(node));
                }
            }
            if (scalar.getTag().equals(Tag.STR) && decimal(scalar.getValue()) != null) {
                error(node, what + " is text: write " + scalar.getValue().strip() + " without quotes");
                return null;
            }
        }
        error(node, what + " is " + kind(node) + ": write a decimal number");
        return null;
    }

    /** One of a few words. */
    @Nullable
    Located<String> word(Node node, String what, Collection<String> known) {
        Located<String> text = text(node, what);
        if (text != null && !known.contains(text.value())) {
            error(node, what + " is '" + text.value() + "'" + Nearest.advice(text.value(), known));
            return null;
        }
        return text;
    }

    static boolean isText(Node node) {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR);
    }

    private static @Nullable Double decimal(String text) {
        String digits = text.strip();
        if (!digits.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
            return null;
        }
        double value = Double.parseDouble(digits);
        return Double.isFinite(value) ? value : null;
    }

    private static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        if (!(node instanceof ScalarNode scalar)) {
            return "of an unknown kind";
        }
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return "empty";
        }
        if (tag.equals(Tag.STR)) {
            return "text";
        }
        if (tag.equals(Tag.BOOL)) {
            return "true or false";
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return "a number";
        }
        return "of the kind " + tag.getValue();
    }
}

package dev.moderato.inference.policy;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Edits the text of a policy file in one place and leaves every other character, comments above all, as it is. */
public final class PolicyEdit {
    private static final Set<String> YAML_WORDS = Set.of("true", "false", "null");

    private final String text;
    private final MappingNode root;

    private PolicyEdit(String text, MappingNode root) {
        this.text = text;
        this.root = root;
    }

    /**
     * Writes a label's calibration entry for one bundle, or replaces the one that is there.
     *
     * @param templates where template lists are that the policy calls by name
     * @return the new text
     * @throws IllegalArgumentException where the text is no valid policy or has no such label
     * @throws IllegalStateException where the file is written in a way that this cannot edit; the message holds the entry
     */
    public static String calibrate(
            String text, Templates templates, String label, String bundleId, Calibration calibration) {
        PolicyEdit edit = open(text, templates);
        Calibration rounded = new Calibration(rounded(calibration.a()), rounded(calibration.b()), calibration.n());
        String edited = edit.calibration(label, bundleId, rounded);
        Policy before = PolicyParser.parse(text, "policy", templates).orElseThrow();
        Policy after = PolicyParser.parse(edited, "policy", templates).policy();
        if (after == null || !sameButFor(before, after, label, bundleId, rounded)) {
            throw new IllegalStateException("this file cannot be edited by machine; add to label " + label
                    + ":  calibration: {" + key(bundleId) + ": " + entry(rounded) + "}");
        }
        return edited;
    }

    /**
     * Puts a template list that is called by name into the text itself, so that the text alone is the whole policy.
     *
     * @throws IllegalArgumentException where the text is no valid policy
     */
    public static String selfContained(String text, Templates templates) {
        PolicyEdit edit = open(text, templates);
        Node value = value(edit.root, "templates");
        if (!(value instanceof ScalarNode)) {
            return text;
        }
        Policy policy = PolicyParser.parse(text, "policy", templates).orElseThrow();
        String list = policy.templates().stream().map(PolicyEdit::quoted).collect(Collectors.joining(", ", "[", "]"));
        return edit.replace(edit.start(value), edit.end(value), list);
    }

    private static PolicyEdit open(String text, Templates templates) {
        ParsedPolicy parsed = PolicyParser.parse(text, "policy", templates);
        Node root = YamlText.compose("policy", text, new ArrayList<>());
        if (parsed.policy() == null || !(root instanceof MappingNode mapping)) {
            throw new IllegalArgumentException(
                    parsed.diagnostics().stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
        }
        return new PolicyEdit(text, mapping);
    }

    private String calibration(String label, String bundleId, Calibration calibration) {
        if (!(value(root, "labels") instanceof MappingNode labels)
                || !(value(labels, label) instanceof MappingNode entries)) {
            throw new IllegalArgumentException("the policy has no label " + label);
        }
        Node bundles = value(entries, "calibration");
        if (bundles == null) {
            return append(entries, "calibration: {" + key(bundleId) + ": " + entry(calibration) + "}");
        }
        if (bundles instanceof MappingNode mapping && value(mapping, bundleId) instanceof MappingNode existing) {
            return update(existing, calibration);
        }
        return prepend((MappingNode) bundles, key(bundleId) + ": " + entry(calibration));
    }

    /** Replaces the numbers of an entry one by one, from the last to the first so that places stay right. */
    private String update(MappingNode existing, Calibration calibration) {
        TreeMap<Integer, String[]> edits = new TreeMap<>();
        Map<String, String> numbers = Map.of(
                "a", number(calibration.a()),
                "b", number(calibration.b()),
                "n", Integer.toString(calibration.n()));
        numbers.forEach((key, number) -> {
            Node value = value(existing, key);
            if (value != null) {
                edits.put(start(value), new String[] {Integer.toString(end(value)), number});
            }
        });
        String edited = text;
        for (Map.Entry<Integer, String[]> edit : edits.descendingMap().entrySet()) {
            edited = edited.substring(0, edit.getKey())
                    + edit.getValue()[1]
                    + edited.substring(Integer.parseInt(edit.getValue()[0]));
        }
        return edited;
    }

    /** Adds an entry before the first of a mapping. */
    private String prepend(MappingNode mapping, String entry) {
        if (mapping.getFlowStyle() == FlowStyle.FLOW) {
            int inside = start(mapping) + 1;
            return replace(inside, inside, entry + (mapping.getValue().isEmpty() ? "" : ", "));
        }
        Node first = mapping.getValue().get(0).getKeyNode();
        return replace(start(first), start(first), entry + "\n" + indent(first));
    }

    /** Adds an entry after the last of a mapping, behind a comment on the same line. */
    private String append(MappingNode mapping, String entry) {
        List<NodeTuple> tuples = mapping.getValue();
        Node last = tuples.get(tuples.size() - 1).getValueNode();
        if (mapping.getFlowStyle() == FlowStyle.FLOW) {
            return replace(end(last), end(last), ", " + entry);
        }
        String indent = indent(tuples.get(0).getKeyNode());
        int at = end(lastLeaf(last));
        if (at > 0 && text.charAt(at - 1) == '\n') {
            return replace(at, at, indent + entry + "\n");
        }
        int lineEnd = text.indexOf('\n', at);
        return lineEnd < 0
                ? replace(text.length(), text.length(), "\n" + indent + entry + "\n")
                : replace(lineEnd, lineEnd, "\n" + indent + entry);
    }

    /** The last node whose end is known exactly: a block collection's end mark lies behind what follows it. */
    private static Node lastLeaf(Node node) {
        if (!(node instanceof CollectionNode<?> collection)
                || collection.getFlowStyle() == FlowStyle.FLOW
                || collection.getValue().isEmpty()) {
            return node;
        }
        if (node instanceof MappingNode mapping) {
            return lastLeaf(
                    mapping.getValue().get(mapping.getValue().size() - 1).getValueNode());
        }
        List<Node> items = ((SequenceNode) node).getValue();
        return lastLeaf(items.get(items.size() - 1));
    }

    private static boolean sameButFor(
            Policy before, Policy after, String labelName, String bundleId, Calibration calibration) {
        Label label = after.label(labelName);
        if (label == null || before.labels().size() != after.labels().size()) {
            return false;
        }
        Calibration written = label.calibration().get(bundleId);
        List<Label> expected = new ArrayList<>();
        for (Label old : before.labels()) {
            Map<String, Calibration> entries = new TreeMap<>(old.calibration());
            if (old.name().equals(labelName) && written != null) {
                entries.put(bundleId, written);
            }
            expected.add(new Label(
                    old.name(), old.description(), old.prompts(), old.negatives(), old.rule(), old.shadow(), entries));
        }
        return written != null
                && written.a() == calibration.a()
                && written.b() == calibration.b()
                && after.labels().equals(expected)
                && after.surfaces().equals(before.surfaces())
                && after.templates().equals(before.templates())
                && after.neutral().equals(before.neutral())
                && after.tests().equals(before.tests());
    }

    private static @Nullable Node value(MappingNode mapping, String key) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode scalar
                    && scalar.getValue().equals(key)) {
                return tuple.getValueNode();
            }
        }
        return null;
    }

    private static String entry(Calibration calibration) {
        return "{a: " + number(calibration.a()) + ", b: " + number(calibration.b()) + ", n: " + calibration.n() + "}";
    }

    private static double rounded(double value) {
        return Double.parseDouble(number(value));
    }

    private static String number(double value) {
        BigDecimal decimal = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
        return decimal.scale() < 0 ? decimal.setScale(0).toPlainString() : decimal.toPlainString();
    }

    private static String key(String bundleId) {
        boolean plain =
                bundleId.matches("[A-Za-z][A-Za-z0-9._-]*") && !YAML_WORDS.contains(bundleId.toLowerCase(Locale.ROOT));
        return plain ? bundleId : quoted(bundleId);
    }

    private static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private String replace(int from, int to, String with) {
        return text.substring(0, from) + with + text.substring(to);
    }

    private String indent(Node key) {
        return " ".repeat(key.getStartMark().map(Mark::getColumn).orElse(0));
    }

    private int start(Node node) {
        return offset(node.getStartMark().orElseThrow());
    }

    private int end(Node node) {
        return offset(node.getEndMark().orElseThrow());
    }

    /** Marks count characters as code points. */
    private int offset(Mark mark) {
        return text.offsetByCodePoints(0, mark.getIndex());
    }
}

package dev.moderato.trainer.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The keys and values of one YAML mapping. Values are asked for by key with a default and a range; mistakes, and keys that were never
 * asked for, are collected and thrown together by {@link #finish}.
 */
final class Settings {
    /** A text of a list, which can be complained about. */
    record Text(String text, Node node, Settings settings) {
        void mistake(String what) {
            settings.add(node.getStartMark(), what);
        }
    }

    private final String origin;
    private final List<String> mistakes;
    private final Map<String, ScalarNode> keys = new LinkedHashMap<>();
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    private Settings(String origin, List<String> mistakes) {
        this.origin = origin;
        this.mistakes = mistakes;
    }

    static Settings of(String text, String origin) throws RecipeException {
        Settings settings = new Settings(origin, new ArrayList<>());
        try {
            LoadSettings load = LoadSettings.builder()
                    .setLabel(origin)
                    .setUseMarks(true)
                    .setAllowDuplicateKeys(true)
                    .build();
            new Compose(load).composeString(text).ifPresent(node -> settings.readMapping(node, "a recipe"));
        } catch (MarkedYamlEngineException e) {
            settings.add(e.getProblemMark(), "is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            settings.add(Optional.empty(), "is not YAML: " + e.getMessage());
        }
        if (!settings.mistakes.isEmpty()) {
            throw new RecipeException(settings.mistakes);
        }
        return settings;
    }

    private void readMapping(Node node, String what) {
        if (!(node instanceof MappingNode mapping)) {
            add(node.getStartMark(), what + " is made of lines 'key: value'");
            return;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                add(tuple.getKeyNode().getStartMark(), "a key is one word");
            } else if (keys.put(key.getValue(), key) != null) {
                add(key.getStartMark(), "'" + key.getValue() + "' is given twice; keep one");
            } else {
                values.put(key.getValue(), tuple.getValueNode());
            }
        }
    }

    boolean has(String key) {
        asked.add(key);
        return values.containsKey(key);
    }

    Settings section(String key, String... sectionKeys) {
        asked.add(key);
        Settings section = new Settings(origin, mistakes);
        Node node = values.get(key);
        if (node != null) {
            section.readMapping(node, "'" + key + "'");
        }
        section.asked.addAll(List.of(sectionKeys));
        section.reportUnknown();
        return section;
    }

    <E extends Enum<E>> E choice(String key, E orElse) {
        Node node = value(key);
        if (node == null) {
            return orElse;
        }
        E[] all = orElse.getDeclaringClass().getEnumConstants();
        for (E constant : all) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(scalar(node))) {
                return constant;
            }
        }
        String known =
                Stream.of(all).map(c -> c.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
        add(node.getStartMark(), "'" + key + "' is " + shown(node) + "; write one of " + known);
        return orElse;
    }

    boolean flag(String key, boolean orElse) {
        Node node = value(key);
        if (node == null) {
            return orElse;
        }
        switch (scalar(node)) {
            case "true", "on" -> {
                return true;
            }
            case "false", "off" -> {
                return false;
            }
            default -> add(node.getStartMark(), "'" + key + "' is " + shown(node) + "; write true or false");
        }
        return orElse;
    }

    double number(String key, double orElse, double least, double most) {
        return number(key, orElse, least, most, "a number from " + plain(least) + " to " + plain(most));
    }

    double number(String key, double orElse, double least, double most, String wanted) {
        Node node = value(key);
        return node == null ? orElse : number(node, key, orElse, least, most, wanted);
    }

    private double number(Node node, String key, double orElse, double least, double most, String wanted) {
        try {
            double number = Double.parseDouble(scalar(node));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        add(node.getStartMark(), "'" + key + "' is " + shown(node) + "; write " + wanted);
        return orElse;
    }

    long integer(String key, long orElse, long least, long most) {
        Node node = value(key);
        if (node == null) {
            return orElse;
        }
        try {
            long number = Long.parseLong(scalar(node).replace("_", ""));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        String range = most == Long.MAX_VALUE
                ? least == Long.MIN_VALUE ? "a whole number" : "a whole number from " + least
                : "a whole number from " + least + " to " + most;
        add(node.getStartMark(), "'" + key + "' is " + shown(node) + "; write " + range);
        return orElse;
    }

    String text(String key, String orElse) {
        Node node = value(key);
        return node == null ? orElse : scalar(node);
    }

    List<Double> numbers(String key, List<Double> orElse, double least, double most) {
        Node node = value(key);
        if (node == null) {
            return orElse;
        }
        List<Node> elements = elements(node, key);
        if (!(node instanceof SequenceNode)) {
            return orElse;
        }
        List<Double> numbers = new ArrayList<>();
        for (Node element : elements) {
            numbers.add(
                    number(element, key, least, least, most, "numbers from " + plain(least) + " to " + plain(most)));
        }
        return List.copyOf(numbers);
    }

    List<Text> texts(String key) {
        Node node = value(key);
        return node == null
                ? List.of()
                : elements(node, key).stream()
                        .map(n -> new Text(scalar(n), n, this))
                        .toList();
    }

    private List<Node> elements(Node node, String key) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        add(node.getStartMark(), "'" + key + "' is " + shown(node) + "; write a list, as in [a, b]");
        return List.of();
    }

    private @Nullable Node value(String key) {
        asked.add(key);
        return values.get(key);
    }

    /** Complains about the value of a key, or about the file where the key is not given. */
    void mistake(String key, String what) {
        Node node = values.get(key);
        add(node == null ? Optional.empty() : node.getStartMark(), "'" + key + "': " + what);
    }

    /** Reports keys that nothing asked for, and throws what was wrong, in the order of the file. */
    void finish() throws RecipeException {
        reportUnknown();
        if (!mistakes.isEmpty()) {
            throw new RecipeException(mistakes);
        }
    }

    private void reportUnknown() {
        keys.forEach((key, node) -> {
            if (!asked.contains(key)) {
                add(
                        node.getStartMark(),
                        "'" + key + "' is not a key of a recipe; did you mean '" + nearest(key) + "'?");
            }
        });
    }

    private String nearest(String key) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : asked) {
            int distance = distance(key.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** Edits that make one word of the other. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    private void add(Optional<Mark> mark, String what) {
        String where = mark.map(m -> ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                .orElse("");
        mistakes.add(origin + where + ": " + what);
    }

    private static String scalar(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private static String shown(Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue().isEmpty() ? "empty" : "'" + scalar.getValue() + "'";
        }
        return node instanceof SequenceNode ? "a list" : "a mapping";
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e9
                ? String.valueOf((long) number)
                : String.valueOf(number);
    }
}

package dev.moderato.cli.classify;

import dev.moderato.cli.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Labels with their names, and templates, as people write them down. */
final class LabelFile {
    private LabelFile() {}

    /** {@code a,b,c}: each label is its own name. */
    static Map<String, List<String>> inline(String list) {
        Map<String, List<String>> labels = new LinkedHashMap<>();
        for (String label : list.split(",", -1)) {
            add(labels, label.strip(), List.of(label.strip()), "--labels");
        }
        return labels;
    }

    /** A label a line, or a YAML mapping of each label to its names. */
    static Map<String, List<String>> labels(Path file) {
        String text = text(file);
        Map<String, List<String>> labels = new LinkedHashMap<>();
        Map<?, ?> mapping = mapping(file, text);
        if (mapping != null) {
            mapping.forEach(
                    (label, names) -> add(labels, String.valueOf(label), names(file, label, names), file.toString()));
        } else {
            text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .forEach(line -> add(labels, line, List.of(line), file.toString()));
        }
        if (labels.isEmpty()) {
            throw CommandFailed.wrongUsage(file + " holds no label: write one a line");
        }
        return labels;
    }

    /** A template a line, each with {@code {}} where the name goes. */
    static List<String> templates(Path file) {
        List<String> templates = text(file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (templates.isEmpty()) {
            throw CommandFailed.wrongUsage(file + " holds no template: write one a line, such as: a photo of a {}.");
        }
        for (String template : templates) {
            int slot = template.indexOf("{}");
            if (slot < 0 || template.indexOf("{}", slot + 1) >= 0) {
                throw CommandFailed.wrongUsage(
                        file + ": the template \"" + template + "\" needs exactly one {} where the name goes");
            }
        }
        return templates;
    }

    /**
     * The file as a mapping; null where it is a label a line. A line may hold a colon, so that outside a .yaml file only
     * lists of names tell a mapping.
     */
    private static @Nullable Map<?, ?> mapping(Path file, String text) {
        String name = file.toString();
        boolean yaml = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        try {
            Object root = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
            if (root instanceof Map<?, ?> mapping
                    && (yaml || mapping.values().stream().allMatch(List.class::isInstance))) {
                return mapping;
            }
            if (yaml && root instanceof List<?> list) {
                Map<Object, Object> same = new LinkedHashMap<>();
                list.forEach(label -> same.put(label, label));
                return same;
            }
            if (yaml) {
                throw CommandFailed.wrongUsage(file + " is no mapping: write label: [name, synonym]");
            }
            return null;
        } catch (YamlEngineException e) {
            if (yaml) {
                throw CommandFailed.wrongUsage(file + " is no valid YAML: "
                        + String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " "));
            }
            return null;
        }
    }

    private static List<String> names(Path file, @Nullable Object label, @Nullable Object value) {
        List<String> names = new ArrayList<>();
        for (Object name : value instanceof List<?> list ? list : value == null ? List.of() : List.of(value)) {
            if (name == null
                    || name instanceof Map
                    || name instanceof List
                    || name.toString().isBlank()) {
                throw CommandFailed.wrongUsage(file + ": " + label + " has a name that is no text: " + name);
            }
            names.add(name.toString());
        }
        if (names.isEmpty()) {
            throw CommandFailed.wrongUsage(file + ": " + label + " has no name: write " + label + ": [name, synonym]");
        }
        return names;
    }

    private static void add(Map<String, List<String>> labels, String label, List<String> names, String where) {
        if (label.isBlank()) {
            throw CommandFailed.wrongUsage(where + " has an empty label");
        }
        if (labels.put(label, names) != null) {
            throw CommandFailed.wrongUsage(where + " has the label '" + label + "' twice");
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw CommandFailed.wrongUsage("cannot read " + file + ": "
                    + (Files.exists(file) ? "it is no UTF-8 text" : "there is no such file"));
        }
    }
}

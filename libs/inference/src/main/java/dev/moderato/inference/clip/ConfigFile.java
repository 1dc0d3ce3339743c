package dev.moderato.inference.clip;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that came with a model, read key by key; whoever wrote it used another program, so that every key may be
 * missing, and a value of the wrong kind is an error that names file and key.
 *
 * @param at the keys that lead here from the file's root, each with a dot after it
 */
record ConfigFile(Path file, String at, ObjectNode object) {
    static ConfigFile read(Path file) throws BundleException {
        return new ConfigFile(file, "", BundleJson.object(file));
    }

    boolean has(String key) {
        return object.hasNonNull(key);
    }

    /** The object under a key; null where there is none. */
    @Nullable
    ConfigFile child(String key) {
        return object.get(key) instanceof ObjectNode child ? new ConfigFile(file, at + key + ".", child) : null;
    }

    @Nullable
    String text(String key) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw error(key, "must be a text, not " + value);
        }
        return value.asText();
    }

    boolean flag(String key, boolean otherwise) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw error(key, "must be true or false, not " + value);
        }
        return value.asBoolean();
    }

    @Nullable
    Integer integer(String key) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw error(key, "must be a whole number, not " + value);
        }
        return value.asInt();
    }

    @Nullable
    Double number(String key) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isNumber()) {
            throw error(key, "must be a number, not " + value);
        }
        return value.asDouble();
    }

    /** A number for each of red, green and blue. */
    List<Float> channels(String key, List<Float> otherwise) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        List<Float> numbers = new ArrayList<>();
        if (value instanceof ArrayNode array && array.size() == 3) {
            for (JsonNode number : array) {
                if (number.isNumber()) {
                    numbers.add(number.floatValue());
                }
            }
        }
        if (numbers.size() != 3) {
            throw error(key, "must be three numbers, not " + value);
        }
        return numbers;
    }

    /** A size as the exporters write it: a number, {@code [height, width]} or {@code {height, width}}; null if absent. */
    @Nullable
    Size size(String key) throws BundleException {
        JsonNode value = object.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (value.isInt()) {
            return new Size(value.asInt(), value.asInt());
        }
        if (value instanceof ArrayNode array
                && array.size() == 1
                && array.path(0).isInt()) {
            return new Size(array.path(0).asInt(), array.path(0).asInt());
        }
        if (value instanceof ArrayNode array
                && array.size() == 2
                && array.path(0).isInt()
                && array.path(1).isInt()) {
            return new Size(array.path(0).asInt(), array.path(1).asInt());
        }
        if (value.path("height").isInt() && value.path("width").isInt()) {
            return new Size(value.path("height").asInt(), value.path("width").asInt());
        }
        throw error(key, "must be a number of pixels, or height and width, not " + value);
    }

    BundleException error(String key, String message) {
        return new BundleException(file + ": " + at + key + " " + message);
    }

    /** Height and width in pixels. */
    record Size(int height, int width) {
        boolean square() {
            return height == width;
        }
    }
}

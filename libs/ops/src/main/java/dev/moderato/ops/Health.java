package dev.moderato.ops;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What each part of the service says of itself. Ready is when every part is. */
public final class Health {
    /**
     * One part.
     *
     * @param ready whether the service can do its work as far as this part is concerned
     * @param detail for people
     */
    public record Part(boolean ready, String detail) {}

    private final Map<String, Part> parts = new ConcurrentHashMap<>();
    private final Map<String, String> warnings = new ConcurrentHashMap<>();

    public void up(String part, String detail) {
        parts.put(part, new Part(true, detail));
    }

    public void down(String part, String detail) {
        parts.put(part, new Part(false, detail));
    }

    /** A part that is no longer there. */
    public void remove(String part) {
        parts.remove(part);
    }

    /** Something is wrong that does not stop the stream, for example an invalid policy file. */
    public void warn(String what, String detail) {
        warnings.put(what, detail);
    }

    public void clear(String what) {
        warnings.remove(what);
    }

    public boolean ready() {
        return !parts.isEmpty() && parts.values().stream().allMatch(Part::ready);
    }

    public Map<String, Part> parts() {
        return new TreeMap<>(parts);
    }

    public Map<String, String> warnings() {
        return new TreeMap<>(warnings);
    }
}

package dev.moderato.pictograms;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The drawing of each thing, read once. */
final class Drawings {
    private static final Map<Thing, Drawing> ALL = load();

    private Drawings() {}

    static Drawing of(Thing thing) {
        return Objects.requireNonNull(ALL.get(thing), () -> "drawings.txt has no " + thing.key());
    }

    private static Map<Thing, Drawing> load() {
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Drawings.class.getResourceAsStream("drawings.txt"), "drawings.txt is missing"),
                StandardCharsets.UTF_8))) {
            Map<String, Drawing> byName = DrawingReader.read(in.lines().toList());
            var byThing = new EnumMap<Thing, Drawing>(Thing.class);
            for (Thing thing : Thing.values()) {
                Drawing drawing = byName.get(thing.key());
                if (drawing != null) {
                    byThing.put(thing, drawing);
                }
            }
            return byThing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

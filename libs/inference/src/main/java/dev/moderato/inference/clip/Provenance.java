package dev.moderato.inference.clip;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a model comes from and how good it is known to be.
 *
 * @param source what it was imported from, in words
 * @param licence of the weights, as its source names it; null where the source does not say
 * @param parent the id of the bundle that it was trained from; null for an original
 * @param parentSha256 that bundle's sha256
 * @param metrics by name, for example {@code recall@1}
 */
public record Provenance(
        @Nullable String source,
        @Nullable String licence,
        @Nullable String parent,
        @Nullable String parentSha256,
        @JsonInclude(JsonInclude.Include.ALWAYS) Map<String, Double> metrics) {
    public Provenance {
        metrics = metrics == null ? Map.of() : sorted(metrics);
    }

    public static final Provenance UNKNOWN = new Provenance(null, null, null, null, Map.of());

    private static SortedMap<String, Double> sorted(Map<String, Double> metrics) {
        return java.util.Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    }
}

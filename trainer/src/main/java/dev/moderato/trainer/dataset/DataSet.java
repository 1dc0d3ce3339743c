package dev.moderato.trainer.dataset;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one run learns from and is judged by.
 *
 * @param version a hash of the items: equal versions are equal sets
 * @param policy version of the policy whose prompts the captions come from
 * @param items ordered by hash, then label
 * @param dropped what is not in it, and why, by number
 * @param unavailable images that were flagged and cannot be had any more, with the reason
 */
public record DataSet(
        String version,
        String policy,
        List<Item> items,
        Map<String, Integer> dropped,
        Map<String, String> unavailable) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public DataSet {
        items = List.copyOf(items);
        dropped = new TreeMap<>(dropped);
        unavailable = new TreeMap<>(unavailable);
    }

    static DataSet of(String policy, List<Item> items, Map<String, Integer> dropped, Map<String, String> unavailable) {
        String version = Sha256.of((policy + "\n" + lines(items)).getBytes(StandardCharsets.UTF_8));
        return new DataSet(version.substring(0, 16), policy, items, dropped, unavailable);
    }

    /** The items of a split. */
    public List<Item> items(Split split, boolean flagged) {
        return items.stream()
                .filter(item -> item.split() == split && item.flagged() == flagged)
                .toList();
    }

    /**
     * Writes {@code VERSION/manifest.json} and {@code VERSION/items.jsonl}; a set that is there already is left as it is.
     *
     * @return the set's folder
     */
    public Path write(Path folder) throws IOException {
        Path own = folder.resolve(version);
        Files.createDirectories(own);
        put(own.resolve("items.jsonl"), lines(items));
        Map<String, Object> manifest = new TreeMap<>();
        manifest.put("version", version);
        manifest.put("policy", policy);
        manifest.put("items", counts());
        manifest.put("dropped", dropped);
        manifest.put("unavailable", unavailable);
        put(own.resolve("manifest.json"), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n");
        return own;
    }

    private Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        for (Item item : items) {
            counts.merge((item.flagged() ? "flagged " : "replayed ") + item.split(), 1, Integer::sum);
        }
        return counts;
    }

    private static void put(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String lines(List<Item> items) {
        StringBuilder lines = new StringBuilder();
        try {
            for (Item item : items) {
                lines.append(JSON.writeValueAsString(item)).append('\n');
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("an item is plain data", e);
        }
        return lines.toString();
    }
}

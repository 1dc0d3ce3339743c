package dev.moderato.streams.judge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.moderato.inference.policy.Embedding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Embeddings of images seen before, by their bytes, how they were prepared, and the model. Bounded by bytes. */
public final class EmbeddingCache {
    /** What makes an embedding the same again. */
    record Key(String sha256, String preprocessing, String model) {}

    /** What is known of an image seen before. */
    record Entry(ImageFacts image, List<Embedding> frames) {
        Entry {
            frames = List.copyOf(frames);
        }

        int weight() {
            return OVERHEAD
                    + frames.stream().mapToInt(frame -> 2 * frame.size() + 48).sum();
        }
    }

    /** Key, digests and the cache's own nodes, measured roughly; it bounds many small entries. */
    private static final int OVERHEAD = 512;

    private final Cache<Key, Entry> entries;
    private final long most;

    /**
     * @param bytes most that it may hold; 0 keeps nothing
     */
    public EmbeddingCache(long bytes) {
        most = bytes;
        entries = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((Key key, Entry entry) -> entry.weight())
                .build();
    }

    @Nullable
    Entry find(Key key) {
        return entries.getIfPresent(key);
    }

    void keep(Key key, Entry entry) {
        if (entry.weight() <= most) { // what is put is there until the cache next tidies up, whatever its weight
            entries.put(key, entry);
        }
    }
}

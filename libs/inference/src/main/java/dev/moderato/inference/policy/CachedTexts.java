package dev.moderato.inference.policy;

import dev.moderato.inference.clip.TextEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the embeddings of one model's texts, so that compiling an edited policy encodes only what is new. Keeps the
 * most recently used; safe to share between threads.
 */
public final class CachedTexts implements TextEncoder {
    private final TextEncoder encoder;
    private final Map<String, float[]> recent;

    /** @param maxTexts how many embeddings to keep; each takes 4 bytes a component */
    public CachedTexts(TextEncoder encoder, int maxTexts) {
        if (maxTexts < 1) {
            throw new IllegalArgumentException("maxTexts is " + maxTexts);
        }
        this.encoder = encoder;
        this.recent = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
                return size() > maxTexts;
            }
        };
    }

    @Override
    public int embeddingSize() {
        return encoder.embeddingSize();
    }

    @Override
    public float[][] encode(List<String> texts) {
        float[][] embeddings = new float[texts.size()][];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = encode(texts.get(i)).clone();
        }
        return embeddings;
    }

    private float[] encode(String text) {
        float[] known = known(text);
        if (known != null) {
            return known;
        }
        float[] embedding = encoder.encode(List.of(text))[0];
        synchronized (recent) {
            recent.put(text, embedding);
        }
        return embedding;
    }

    private float @Nullable [] known(String text) {
        synchronized (recent) {
            return recent.get(text);
        }
    }
}

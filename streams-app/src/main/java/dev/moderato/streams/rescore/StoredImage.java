package dev.moderato.streams.rescore;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.inference.policy.Embedding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** An image's embeddings as they were stored, one a frame. */
public record StoredImage(ImageEmbedding event, List<Embedding> frames) {
    public StoredImage {
        frames = List.copyOf(frames);
    }

    static StoredImage of(ImageEmbedding event) {
        List<Embedding> frames = new ArrayList<>(event.getVectors().size());
        for (ByteBuffer vector : event.getVectors()) {
            short[] halfs = new short[vector.remaining() / Short.BYTES];
            vector.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(halfs);
            frames.add(Embedding.ofHalfs(halfs));
        }
        return new StoredImage(event, frames);
    }

    /** Whether every frame has this size, and there is one. */
    boolean fits(int size) {
        return !frames.isEmpty() && frames.stream().allMatch(frame -> frame.size() == size);
    }
}

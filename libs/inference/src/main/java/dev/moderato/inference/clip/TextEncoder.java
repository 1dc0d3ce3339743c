package dev.moderato.inference.clip;

import java.util.List;

/** The text tower of a CLIP model with its tokenizer. Safe to share between threads. */
public interface TextEncoder {
    /** The length of an embedding. */
    int embeddingSize();

    /**
     * Encodes texts; one longer than the context is truncated as the reference does (end token kept).
     *
     * @return one embedding a text, in the same order, each of Euclidean length 1
     * @throws EncoderException where the run failed
     */
    float[][] encode(List<String> texts);
}

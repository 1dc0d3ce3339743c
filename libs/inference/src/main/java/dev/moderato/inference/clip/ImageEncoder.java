package dev.moderato.inference.clip;

import java.util.List;

/** The image tower of a CLIP model. Safe to share between threads. */
public interface ImageEncoder {
    /** The length of an embedding. */
    int embeddingSize();

    /**
     * Encodes a batch in one run.
     *
     * @param crops uint8 RGB, height × width × 3, channel last, of the size in the model's preprocessing
     * @return one embedding a crop, in the same order, each of Euclidean length 1
     * @throws EncoderException where the run failed as a whole
     */
    float[][] encode(List<byte[]> crops);
}

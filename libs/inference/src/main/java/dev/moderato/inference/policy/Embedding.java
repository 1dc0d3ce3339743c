package dev.moderato.inference.policy;

import java.util.Arrays;

/**
 * The embedding of one frame, of Euclidean length 1 before it was rounded to half precision (IEEE binary16). What is
 * stored is what is scored, so a score from the topic equals the live one bit for bit.
 */
public final class Embedding {
    private final short[] halfs;

    private Embedding(short[] halfs) {
        this.halfs = halfs;
    }

    /**
     * Rounds a unit vector to half precision, to nearest, ties to even.
     *
     * @throws IllegalArgumentException where it is empty or holds a value that is not finite
     */
    public static Embedding ofUnit(float[] unit) {
        if (unit.length == 0) {
            throw new IllegalArgumentException("an embedding has at least one component");
        }
        short[] halfs = new short[unit.length];
        for (int i = 0; i < unit.length; i++) {
            if (!Float.isFinite(unit[i])) {
                throw new IllegalArgumentException("component " + i + " of the embedding is " + unit[i]);
            }
            halfs[i] = Halfs.fromFloat(unit[i]);
        }
        return new Embedding(halfs);
    }

    /** An embedding as it was stored; the array is copied. */
    public static Embedding ofHalfs(short[] halfs) {
        return new Embedding(halfs.clone());
    }

    /** A copy of the components as binary16. */
    public short[] halfs() {
        return halfs.clone();
    }

    public int size() {
        return halfs.length;
    }

    /** Writes the components as floats into {@code target} from {@code offset} on. */
    public void copyTo(float[] target, int offset) {
        Halfs.toFloats(halfs, target, offset);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Embedding embedding && Arrays.equals(halfs, embedding.halfs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(halfs);
    }

    @Override
    public String toString() {
        return "Embedding[" + halfs.length + "]";
    }
}

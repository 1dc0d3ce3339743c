package dev.moderato.streams.rescore;

/**
 * The last offset of each key in one partition, in some 24 to 48 bytes a key. Keys are told apart by 64 bits of hash: of a
 * million keys two are taken for one with a probability of 3 in 100 million.
 */
final class LastOffsets {
    private static final long FREE = 0;

    private long[] hashes = new long[1024];
    private long[] offsets = new long[1024];
    private int size;

    /** Notes that the key was seen at an offset; offsets rise. */
    void put(byte[] key, long offset) {
        if (2 * size >= hashes.length) {
            grow();
        }
        long hash = hash(key);
        int slot = slot(hash);
        if (hashes[slot] == FREE) {
            hashes[slot] = hash;
            size++;
        }
        offsets[slot] = Math.max(offsets[slot], offset);
    }

    /** Whether the key was seen at a later offset. */
    boolean hasLater(byte[] key, long offset) {
        int slot = slot(hash(key));
        return hashes[slot] != FREE && offsets[slot] > offset;
    }

    private int slot(long hash) {
        int mask = hashes.length - 1;
        int slot = (int) (hash >>> 20) & mask;
        while (hashes[slot] != FREE && hashes[slot] != hash) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHashes = hashes;
        long[] oldOffsets = offsets;
        hashes = new long[2 * oldHashes.length];
        offsets = new long[hashes.length];
        for (int i = 0; i < oldHashes.length; i++) {
            if (oldHashes[i] != FREE) {
                int slot = slot(oldHashes[i]);
                hashes[slot] = oldHashes[i];
                offsets[slot] = oldOffsets[i];
            }
        }
    }

    /** FNV-1a, then the finaliser of SplitMix64 so that all bits are even. */
    private static long hash(byte[] key) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : key) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        hash ^= hash >>> 31;
        return hash == FREE ? 1 : hash;
    }
}

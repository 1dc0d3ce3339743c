package dev.moderato.pictograms;

import java.util.SplittableRandom;

/** Independent random numbers for each (seed, index). */
final class Seeds {
    private Seeds() {}

    static SplittableRandom random(long seed, long index) {
        return new SplittableRandom(mix(mix(seed) + index * 0x9e3779b97f4a7c15L));
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit given. */
    static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

package dev.moderato.content;

/** Room in memory for an image that is about to be read. */
@FunctionalInterface
public interface Room {
    /** As much as anybody asks for. */
    Room UNBOUNDED = bytes -> {};

    /**
     * Waits until there is room. A fetch that is tried again asks again, and no longer needs what it asked for before.
     *
     * @param bytes that the fetch will hold at most
     */
    void take(long bytes) throws InterruptedException;
}

package dev.moderato.streams.judge;

/** Hears how long each stage took. */
public interface StageListener {
    /** A step on the way from an event to its verdict. */
    enum Stage {
        FETCH,
        DECODE,
        ENCODE,
        SCORE
    }

    void took(Stage stage, long nanos);

    /** The cache was asked. */
    void cacheAsked(boolean hit);
}

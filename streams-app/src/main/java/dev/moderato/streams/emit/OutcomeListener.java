package dev.moderato.streams.emit;

import dev.moderato.streams.judge.Outcome;

/** Hears of every outcome that is sent. */
public interface OutcomeListener {
    /**
     * @param id of the image
     * @param age milliseconds since its event was published
     */
    void sent(String id, Outcome outcome, long age);
}

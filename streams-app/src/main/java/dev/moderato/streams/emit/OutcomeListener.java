package dev.moderato.streams.emit;

import dev.moderato.streams.judge.Outcome;

/** Hears of every outcome that is sent. */
public interface OutcomeListener {
    /**
     * @param age milliseconds since its event was published
     */
    void sent(Outcome outcome, long age);
}

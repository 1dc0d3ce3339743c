package dev.moderato.streams.emit;

import dev.moderato.streams.judge.Outcome;

/** Hears of every outcome that is sent. */
public interface OutcomeListener {
    void sent(Outcome outcome);
}

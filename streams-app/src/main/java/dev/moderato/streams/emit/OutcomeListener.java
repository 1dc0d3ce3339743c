package dev.moderato.streams.emit;

import dev.moderato.streams.judge.Outcome;
import org.apache.kafka.common.header.Headers;

/** Hears of every outcome that is sent. */
@FunctionalInterface
public interface OutcomeListener {
    /**
     * @param id of the image
     * @param headers of its event
     * @param age milliseconds since its event was published
     */
    void sent(String id, Headers headers, Outcome outcome, long age);

    /** Tells this listener, then another. */
    default OutcomeListener andThen(OutcomeListener other) {
        return (id, headers, outcome, age) -> {
            sent(id, headers, outcome, age);
            other.sent(id, headers, outcome, age);
        };
    }
}

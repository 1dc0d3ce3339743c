package dev.moderato.trainer.publish;

import java.util.Locale;

/** What a released bundle is for. */
public enum Channel {
    /** Serves: every instance of the service swaps to it. */
    ACTIVE,
    /** Passed the gate, and waits to be promoted. */
    CANDIDATE;

    /** Its key on the models topic. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

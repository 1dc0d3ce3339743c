package dev.moderato.cli.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Counts tries that failed in a row, and waits a random while before the next, longer each time. */
final class Patience {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final HubSettings settings;
    private int failures;

    Patience(HubSettings settings) {
        this.settings = settings;
    }

    /** A try got further: those before it do not count any more. */
    void reset() {
        failures = 0;
    }

    /**
     * Waits after a failure.
     *
     * @param asked how long the server asks to wait; null where it does not
     * @throws IOException the failure itself, where it was one too many
     */
    void afterFailure(IOException failure, @Nullable Duration asked) throws IOException {
        failures++;
        if (failures >= settings.attempts()) {
            throw failure;
        }
        try {
            Thread.sleep(asked == null ? jitter() : Math.min(asked.toMillis(), LONGEST.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    /** Anything up to the doubled pause, so that many who were cut off together do not come back together. */
    private long jitter() {
        long most = Math.min(LONGEST.toMillis(), settings.pause().toMillis() << Math.min(failures - 1, 16));
        return ThreadLocalRandom.current().nextLong(most + 1);
    }
}

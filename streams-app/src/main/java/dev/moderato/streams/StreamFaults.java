package dev.moderato.streams;

import dev.moderato.ops.Health;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when a stream thread fails: nothing of it is committed, another takes over, later after each failure in a row. */
final class StreamFaults implements StreamsUncaughtExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(StreamFaults.class);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration CALM = Duration.ofSeconds(30);

    private final Health health;
    private int inARow;
    private long lastNanos;
    private volatile String last = "";

    StreamFaults(Health health) {
        this.health = health;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable fault) {
        Throwable root = fault;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        log.error("a stream thread failed; nothing of it is committed and another one takes over: {}", root.toString());
        log.debug("how it failed", fault);
        last = "a stream thread failed at " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + " with: " + root;
        health.warn("stream", last);
        pause(next());
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** The last fault as the end of a sentence; empty where there was none. */
    String last() {
        return last.isEmpty() ? "" : ": " + last;
    }

    private synchronized Duration next() {
        long now = System.nanoTime();
        inARow = lastNanos != 0 && now - lastNanos < CALM.toNanos() ? inARow + 1 : 0;
        lastNanos = now;
        Duration pause = inARow == 0 ? Duration.ZERO : Duration.ofMillis(100L << Math.min(10, inARow));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.moderato.streams.emit;

import dev.moderato.streams.batch.Budget;
import dev.moderato.streams.judge.Content;
import dev.moderato.streams.judge.ImagePipeline;
import dev.moderato.streams.judge.Job;
import dev.moderato.streams.judge.Outcome;
import dev.moderato.streams.models.Snapshots;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.jspecify.annotations.Nullable;

/**
 * Lets images into the pipeline: each with a share of the budget and pinned to the snapshot of that moment. Waiting for
 * the budget is the backpressure.
 *
 * @param patience longest wait for the budget
 */
public record Intake(ImagePipeline pipeline, Snapshots snapshots, Budget budget, Duration patience) {
    CompletableFuture<Outcome> submit(Content content, long bytes, String policy, @Nullable String surface) {
        Budget.Permit permit = acquire(bytes);
        Snapshots.Pin pin;
        try {
            pin = snapshots.pin();
        } catch (RuntimeException e) {
            permit.release();
            throw e;
        }
        return pipeline.submit(new Job(content, policy, surface, pin.snapshot(), permit::grow, () -> {
            pin.close();
            permit.release();
        }));
    }

    private Budget.Permit acquire(long bytes) {
        try {
            return budget.acquire(bytes, patience.toMillis());
        } catch (TimeoutException e) {
            throw new StreamsException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StreamsException("interrupted while waiting for the budget", e);
        }
    }
}

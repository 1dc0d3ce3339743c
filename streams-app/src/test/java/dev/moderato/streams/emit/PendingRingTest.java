package dev.moderato.streams.emit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class PendingRingTest {
    private final List<String> sent = new ArrayList<>();

    @Test
    void sendsFromTheFrontOnlySoThatTheOrderIsKept() {
        PendingRing<String, String> ring = ring(8, Duration.ofSeconds(30));
        CompletableFuture<String> first = new CompletableFuture<>();
        ring.add("a", first);
        ring.add("b", CompletableFuture.completedFuture("2"));

        ring.sendFinished();
        assertThat(sent).isEmpty();

        first.complete("1");
        ring.sendFinished();
        assertThat(sent).containsExactly("a=1", "b=2");
        assertThat(ring.isEmpty()).isTrue();
    }

    @Test
    void waitsForTheFrontWhereItIsFull() {
        PendingRing<String, String> ring = ring(2, Duration.ofSeconds(30));
        CompletableFuture<String> first = new CompletableFuture<>();
        ring.add("a", first);
        ring.makeRoom();
        ring.add("b", new CompletableFuture<>());
        first.completeOnTimeout("1", 20, TimeUnit.MILLISECONDS);

        ring.makeRoom();

        assertThat(sent).containsExactly("a=1");
    }

    @Test
    void drainsEverything() {
        PendingRing<String, String> ring = ring(8, Duration.ofSeconds(30));
        for (int i = 0; i < 5; i++) {
            ring.add(
                    "r" + i,
                    new CompletableFuture<String>().completeOnTimeout("x", 50 - 10L * i, TimeUnit.MILLISECONDS));
        }
        ring.drain();
        assertThat(sent).containsExactly("r0=x", "r1=x", "r2=x", "r3=x", "r4=x");
    }

    @Test
    void givesUpAfterItsPatienceWithNoTimeoutOfKafka() {
        PendingRing<String, String> ring = ring(8, Duration.ofMillis(20));
        ring.add("a", new CompletableFuture<>());
        ring.add("b", new CompletableFuture<>());

        assertThatThrownBy(ring::drain)
                .isInstanceOf(StreamsException.class)
                .isNotInstanceOf(TimeoutException.class)
                .hasMessageStartingWith("2 images were still in work after 20 ms (stream.drain)")
                .satisfies(e -> assertThat(e.getCause()).isNotInstanceOf(TimeoutException.class));
        assertThat(sent).isEmpty();
    }

    @Test
    void stopsAtWorkThatFailedAndSendsNothingBehindIt() {
        PendingRing<String, String> ring = ring(8, Duration.ofSeconds(30));
        ring.add("a", CompletableFuture.failedFuture(new IllegalStateException("no encoder")));
        ring.add("b", CompletableFuture.completedFuture("2"));

        assertThatThrownBy(ring::drain)
                .isInstanceOf(StreamsException.class)
                .hasMessageContaining("an image could not be worked on: java.lang.IllegalStateException: no encoder");
        assertThat(sent).isEmpty();
    }

    @Test
    void cancelsWhatItDiscards() {
        PendingRing<String, String> ring = ring(8, Duration.ofSeconds(30));
        CompletableFuture<String> work = new CompletableFuture<>();
        ring.add("a", work);

        ring.discard();

        assertThat(work).isCancelled();
        assertThat(ring.isEmpty()).isTrue();
    }

    private PendingRing<String, String> ring(int capacity, Duration patience) {
        return new PendingRing<>(capacity, patience, (record, result) -> sent.add(record + "=" + result));
    }
}

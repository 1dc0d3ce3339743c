package dev.moderato.streams.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DynamicBatcherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** So long that a test which pays it fails. */
    private static final long FOREVER = TimeUnit.MINUTES.toNanos(10);

    /** Doubles each number; the test may hold it in its first run. */
    private static final class Doubler implements BatchRunner<Integer, Integer> {
        private final int limit;
        private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
        private final CountDownLatch running = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);

        private Doubler(int limit, boolean held) {
            this.limit = limit;
            if (!held) {
                go.countDown();
            }
        }

        @Override
        public int limit() {
            return limit;
        }

        @Override
        public List<Integer> run(List<Integer> batch) {
            batches.add(List.copyOf(batch));
            running.countDown();
            await(go);
            if (batch.contains(13)) {
                throw new IllegalStateException("thirteen");
            }
            return batch.stream().map(i -> 2 * i).toList();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void paysNoLingerWhereNothingElseIsOnItsWay() throws Exception {
        Doubler doubler = new Doubler(64, false);
        try (DynamicBatcher<Integer, Integer> batcher = batcher(doubler, FOREVER)) {
            assertThat(batcher.announce()
                            .submit(List.of(4))
                            .get(30, TimeUnit.SECONDS)
                            .results())
                    .containsExactly(8);
        }
    }

    @Test
    void waitsForWhatIsAnnounced() throws Exception {
        Doubler doubler = new Doubler(64, false);
        try (DynamicBatcher<Integer, Integer> batcher = batcher(doubler, FOREVER)) {
            DynamicBatcher<Integer, Integer>.Announcement late = batcher.announce();
            CompletableFuture<DynamicBatcher.Ran<Integer>> early =
                    batcher.announce().submit(List.of(1));
            Thread.sleep(50);
            assertThat(early).isNotDone();

            late.submit(List.of(2)).get(30, TimeUnit.SECONDS);

            assertThat(doubler.batches).containsExactly(List.of(1, 2));
        }
    }

    @Test
    void leavesAtOnceWhereTheAnnouncementIsWithdrawn() throws Exception {
        try (DynamicBatcher<Integer, Integer> batcher = batcher(new Doubler(64, false), FOREVER)) {
            DynamicBatcher<Integer, Integer>.Announcement rejected = batcher.announce();
            CompletableFuture<DynamicBatcher.Ran<Integer>> other =
                    batcher.announce().submit(List.of(1));

            rejected.withdraw();
            rejected.withdraw();

            assertThat(other.get(30, TimeUnit.SECONDS).results()).containsExactly(2);
        }
    }

    @Test
    void leavesAfterTheLingerWhereWhatIsAnnouncedDoesNotCome() throws Exception {
        try (DynamicBatcher<Integer, Integer> batcher =
                batcher(new Doubler(64, false), TimeUnit.MILLISECONDS.toNanos(30))) {
            batcher.announce();
            long from = System.nanoTime();
            batcher.announce().submit(List.of(1)).get(30, TimeUnit.SECONDS);
            assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
        }
    }

    @Test
    void fillsTheNextBatchWhileOneRuns() throws Exception {
        Doubler doubler = new Doubler(4, true);
        try (DynamicBatcher<Integer, Integer> batcher = batcher(doubler, FOREVER)) {
            List<CompletableFuture<DynamicBatcher.Ran<Integer>>> all = new ArrayList<>();
            all.add(batcher.announce().submit(List.of(0)));
            await(doubler.running);
            for (int i = 1; i <= 9; i++) {
                all.add(batcher.announce().submit(List.of(i)));
            }
            assertThat(batcher.waiting()).isEqualTo(9);
            doubler.go.countDown();
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

            assertThat(doubler.batches)
                    .containsExactly(List.of(0), List.of(1, 2, 3, 4), List.of(5, 6, 7, 8), List.of(9));
        }
    }

    @Test
    void runsTheFramesOfOneRequestInSeveralBatchesAndGathersThemInOrder() throws Exception {
        Doubler doubler = new Doubler(2, false);
        try (DynamicBatcher<Integer, Integer> batcher = batcher(doubler, 0)) {
            assertThat(batcher.announce()
                            .submit(List.of(1, 2, 3, 4, 5))
                            .get(30, TimeUnit.SECONDS)
                            .results())
                    .containsExactly(2, 4, 6, 8, 10);
            assertThat(doubler.batches).hasSize(3);
        }
    }

    @Test
    void failsTheRequestsOfTheBatchThatFailedAndNoOthers() throws Exception {
        try (DynamicBatcher<Integer, Integer> batcher = batcher(new Doubler(1, false), 0)) {
            CompletableFuture<DynamicBatcher.Ran<Integer>> broken =
                    batcher.announce().submit(List.of(13));
            CompletableFuture<DynamicBatcher.Ran<Integer>> fine =
                    batcher.announce().submit(List.of(2));

            assertThatThrownBy(() -> broken.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("thirteen");
            assertThat(fine.get(30, TimeUnit.SECONDS).results()).containsExactly(4);
        }
    }

    @Test
    void failsABatchWhoseRunnerForgetsAnItem() {
        BatchRunner<Integer, Integer> forgetful = new BatchRunner<>() {
            @Override
            public int limit() {
                return 2;
            }

            @Override
            public List<Integer> run(List<Integer> batch) {
                return batch.subList(1, batch.size());
            }
        };
        try (DynamicBatcher<Integer, Integer> batcher =
                new DynamicBatcher<>("test", forgetful, 0, BatchListener.NONE)) {
            assertThatThrownBy(() -> batcher.announce().submit(List.of(1, 2)).get(30, TimeUnit.SECONDS))
                    .hasRootCauseMessage("1 results for 2 items");
        }
    }

    @Test
    void finishesWhatWasHandedInBeforeItClosesAndRefusesTheRest() throws Exception {
        Doubler doubler = new Doubler(1, true);
        DynamicBatcher<Integer, Integer> batcher = batcher(doubler, FOREVER);
        CompletableFuture<DynamicBatcher.Ran<Integer>> first =
                batcher.announce().submit(List.of(1));
        CompletableFuture<DynamicBatcher.Ran<Integer>> second =
                batcher.announce().submit(List.of(2));
        await(doubler.running);
        Thread closing = new Thread(batcher::close);
        closing.start();
        doubler.go.countDown();
        closing.join(PATIENCE.toMillis());

        assertThat(first.get().results()).containsExactly(2);
        assertThat(second.get().results()).containsExactly(4);
        assertThatThrownBy(() -> batcher.announce().submit(List.of(3)).get(30, TimeUnit.SECONDS))
                .hasRootCauseMessage("test is closed");
    }

    @Test
    void tellsHowFullABatchWasAndHowLongItTook() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger nonsense = new AtomicInteger();
        try (DynamicBatcher<Integer, Integer> batcher =
                new DynamicBatcher<>("test", new Doubler(8, false), 0, (size, limit, waited, ran) -> {
                    told.add(size + "/" + limit);
                    if (waited < 0 || ran < 0) {
                        nonsense.incrementAndGet();
                    }
                })) {
            batcher.announce().submit(List.of(1, 2, 3)).get(30, TimeUnit.SECONDS);
        }
        assertThat(told).containsExactly("3/8");
        assertThat(nonsense).hasValue(0);
    }

    private static DynamicBatcher<Integer, Integer> batcher(BatchRunner<Integer, Integer> runner, long lingerNanos) {
        return new DynamicBatcher<>("test", runner, lingerNanos, BatchListener.NONE);
    }
}

package dev.moderato.streams.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final Duration GENEROUS = Duration.ofMinutes(1);
    private static final long PATIENCE = 30_000;

    @Test
    void saysWhatIsInWorkWhereThereIsNoRoomInTime() throws Exception {
        Budget budget = new Budget(100, 2, GENEROUS);
        budget.acquire(60, 0);

        assertThatThrownBy(() -> budget.acquire(50, 5))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("no room for 50 bytes within 5 ms: 60 of 100 bytes and 1 of 2 images are in work");
    }

    @Test
    void letsInOneThatIsLargerThanAllOfItAlone() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        Budget.Permit small = budget.acquire(1, 0);

        assertThatThrownBy(() -> budget.acquire(1000, 5)).isInstanceOf(TimeoutException.class);
        small.release();

        budget.acquire(1000, 0);
        assertThat(budget.bytesInUse()).isEqualTo(1000);
        assertThatThrownBy(() -> budget.acquire(1, 5)).isInstanceOf(TimeoutException.class);
    }

    @Test
    void givesBackOnceHoweverOftenItIsReleased() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        Budget.Permit one = budget.acquire(10, 0);
        budget.acquire(20, 0);

        one.release();
        one.release();

        assertThat(budget.bytesInUse()).isEqualTo(20);
        assertThat(budget.itemsInUse()).isEqualTo(1);
    }

    @Test
    void servesWhoWaitsLongestFirst() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        Budget.Permit all = budget.acquire(100, 0);
        List<String> served = new ArrayList<>();
        CompletableFuture<?> large = waiting(budget, 90, () -> served.add("large"));
        CompletableFuture<?> small = waiting(budget, 1, () -> served.add("small"));

        all.release();
        CompletableFuture.allOf(large, small).get(30, TimeUnit.SECONDS);

        assertThat(served).containsExactly("large", "small");
    }

    /** Waits until the thread is in line, so that the order is known. */
    private static CompletableFuture<?> waiting(Budget budget, long bytes, Runnable then) throws InterruptedException {
        CompletableFuture<?> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                budget.acquire(bytes, PATIENCE);
                synchronized (BudgetTest.class) {
                    then.run();
                }
                done.complete(null);
            } catch (InterruptedException | TimeoutException e) {
                done.completeExceptionally(e);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        return done;
    }

    @Test
    void goesOnWithTheNextWhereTheFirstGivesUp() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        budget.acquire(50, 0);
        CompletableFuture<?> tooLarge = CompletableFuture.runAsync(() -> {
            try {
                budget.acquire(100, 200);
            } catch (InterruptedException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
        });

        budget.acquire(50, PATIENCE);

        assertThat(tooLarge).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void letsInMoreWhileItemsAreHeldShortly() throws Exception {
        Budget budget = new Budget(100, 6, GENEROUS);
        assertThat(budget.itemsAllowed()).isEqualTo(4);
        for (int i = 0; i < 10; i++) {
            budget.acquire(1, 0).release();
        }
        assertThat(budget.itemsAllowed()).isEqualTo(6);
    }

    @Test
    void halvesOnceForAllThatWereLetInTogetherAndHeldTooLong() throws Exception {
        Budget budget = new Budget(100, 4, Duration.ZERO);
        List<Budget.Permit> together = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            together.add(budget.acquire(1, 0));
        }
        together.forEach(Budget.Permit::release);
        assertThat(budget.itemsAllowed()).isEqualTo(2);

        for (int i = 0; i < 5; i++) {
            budget.acquire(1, 0).release();
        }
        assertThat(budget.itemsAllowed()).isEqualTo(1);
    }

    @Test
    void letsNothingNewInWhileSomethingWaitsToGrow() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        Budget.Permit first = budget.acquire(10, 0);
        Budget.Permit second = budget.acquire(10, 0);
        first.grow(60);
        CountDownLatch grown = new CountDownLatch(1);
        Thread growing = new Thread(() -> {
            try {
                second.grow(50);
                grown.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        growing.start();
        while (growing.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        assertThatThrownBy(() -> budget.acquire(1, 5)).isInstanceOf(TimeoutException.class);

        first.release();

        assertThat(grown.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(budget.bytesInUse()).isEqualTo(60);
        budget.acquire(40, 0);
    }

    @Test
    void growsBeyondTheBudgetWhereNothingElseHas() throws Exception {
        Budget budget = new Budget(100, 8, GENEROUS);
        Budget.Permit one = budget.acquire(50, 0);
        budget.acquire(50, 0);

        one.grow(1000);
        one.grow(10); // tried again: what it grew by before is given back

        assertThat(budget.bytesInUse()).isEqualTo(110);
    }

    @Test
    void neverHoldsMoreThanItsBytesAndOneGrowthFromManyThreads() throws Exception {
        long maxBytes = 1000;
        Budget budget = new Budget(maxBytes, 16, GENEROUS);
        AtomicLong most = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < 500; i++) {
                            try {
                                Budget.Permit permit = budget.acquire(random.nextInt(50), PATIENCE);
                                if (random.nextBoolean()) {
                                    permit.grow(random.nextInt(400));
                                }
                                most.accumulateAndGet(budget.bytesInUse(), Math::max);
                                permit.release();
                            } catch (InterruptedException | TimeoutException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    },
                    threads));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        threads.shutdown();

        assertThat(most.get()).isBetween(1L, maxBytes + 400);
        assertThat(budget.bytesInUse()).isZero();
        assertThat(budget.itemsInUse()).isZero();
    }
}

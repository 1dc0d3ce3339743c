package dev.moderato.streams.models;

import dev.moderato.bundles.BundleStore;
import dev.moderato.bundles.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has announced bundles copied to this machine, beside the thread that asks for them: policies are followed meanwhile. A store that does
 * not answer is tried again. Used by one thread.
 */
final class Arrivals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);
    private static final Duration RETRY = Duration.ofSeconds(15);

    private final BundleStore store;
    private final ExecutorService copying = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "bundle-copy");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Arrival last;

    /** A bundle that was asked for; it is looked at once when it is done, and again when it is tried again. */
    private static final class Arrival {
        private final Announced.Model model;
        private final CompletableFuture<Path> folder;
        private boolean seen;
        private long retryAt = Long.MAX_VALUE;

        Arrival(Announced.Model model, CompletableFuture<Path> folder) {
            this.model = model;
            this.folder = folder;
        }
    }

    Arrivals(BundleStore store) {
        this.store = store;
    }

    /**
     * A bundle's folder.
     *
     * @return null while it is on its way
     * @throws StoreException where it cannot be had; where that may pass, {@link #hasNews} tells when to ask again
     */
    @Nullable
    Path folder(Announced.Model model) throws StoreException {
        if (!BundleStore.isRemote(model.uri())) {
            return store.fetch(model.uri(), model.sha256());
        }
        Arrival arrival = last;
        if (arrival == null || !arrival.model.equals(model) || arrival.retryAt <= System.nanoTime()) {
            log.info("model {} is being copied from {}", model.id(), model.uri());
            arrival = new Arrival(model, copy(model));
            last = arrival;
        }
        if (!arrival.folder.isDone()) {
            return null;
        }
        arrival.seen = true;
        try {
            return arrival.folder.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException why) {
                if (why.mayPass() && arrival.retryAt == Long.MAX_VALUE) {
                    arrival.retryAt = System.nanoTime() + RETRY.toNanos();
                }
                throw why;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Has the next bundle that is asked for brought anew, whatever came of it before. */
    void forget() {
        last = null;
    }

    private CompletableFuture<Path> copy(Announced.Model model) {
        CompletableFuture<Path> folder = new CompletableFuture<>();
        copying.execute(() -> {
            try {
                folder.complete(store.fetch(model.uri(), model.sha256()));
            } catch (StoreException | RuntimeException e) {
                folder.completeExceptionally(e);
            }
        });
        return folder;
    }

    /** Whether {@link #folder} would say something that it did not say before. */
    boolean hasNews() {
        Arrival arrival = last;
        return arrival != null && ((arrival.folder.isDone() && !arrival.seen) || arrival.retryAt <= System.nanoTime());
    }

    /** What is on its way, or null. */
    @Nullable
    String awaited() {
        Arrival arrival = last;
        return arrival == null || arrival.folder.isDone()
                ? null
                : "model " + arrival.model.id() + " is being copied from " + arrival.model.uri();
    }

    @Override
    public void close() {
        copying.shutdownNow();
    }
}

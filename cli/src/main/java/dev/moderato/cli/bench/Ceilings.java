package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the bare machine could do, in images a second.
 *
 * @param decode decoding and preparing alone, on every core
 * @param encode encoding alone, on every core or as fast as the device takes batches
 * @param combined both: a CPU encoder shares the cores with decoding, any other runs beside it
 */
record Ceilings(double decode, double encode, double combined) {
    private static final Duration WARM_UP = Duration.ofMillis(700);
    private static final Duration MEASURED = Duration.ofMillis(1500);

    static Ceilings of(double decode, double encode, boolean sharedCores) {
        return new Ceilings(decode, encode, sharedCores ? 1 / (1 / decode + 1 / encode) : Math.min(decode, encode));
    }

    /** Of two measurements, one before and one after: other work on the machine comes and goes. */
    Ceilings mean(Ceilings other, boolean sharedCores) {
        return of((decode + other.decode) / 2, (encode + other.encode) / 2, sharedCores);
    }

    /** Decoding alone on every core. */
    static double decoding(ImagePreprocessor preprocessor, List<byte[]> files) {
        return rate(cores(), number -> {
            int next = number;
            try {
                preprocessor.preprocess(files.get(next % files.size()));
            } catch (ImageRejected e) {
                throw CommandFailed.because("one of the images cannot be decoded: " + e.detail(), e);
            }
            return 1;
        });
    }

    /** One step of a worker; returns how many images it did. */
    interface Step {
        int run(int number);
    }

    /** Images a second of a step on so many threads, after a warm-up. */
    static double rate(int threads, Step step) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            long from = System.nanoTime() + WARM_UP.toNanos();
            long to = from + MEASURED.toNanos();
            List<Callable<Double>> work = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int first = i;
                work.add(() -> worker(step, first, threads, from, to));
            }
            double rate = 0;
            for (Future<Double> done : pool.invokeAll(work)) {
                rate += done.get();
            }
            return rate;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandFailed known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailed.because("interrupted while measuring", e);
        } finally {
            pool.shutdownNow();
        }
    }

    /** The rate of whole steps: the last one may end later than the time. */
    private static double worker(Step step, int first, int stride, long from, long to) {
        long images = 0;
        long started = 0;
        long now = System.nanoTime();
        for (int number = first; now < to; number += stride) {
            boolean measured = now >= from;
            if (measured && started == 0) {
                started = now;
            }
            int done = step.run(number);
            images += measured ? done : 0;
            now = System.nanoTime();
        }
        if (images == 0) { // a single step took longer than all of it
            started = System.nanoTime();
            images = step.run(first);
            now = System.nanoTime();
        }
        return images * 1e9 / (now - started);
    }

    static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}

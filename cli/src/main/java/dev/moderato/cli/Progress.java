package dev.moderato.cli;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Tells on standard error how far a longer work is: a bar on a terminal, a plain line every few seconds elsewhere. */
public interface Progress extends AutoCloseable {
    /** So many are done by now. */
    void at(long done);

    @Override
    void close();

    /**
     * Starts to tell.
     *
     * @param total how many there are to do; -1 where that is unknown
     */
    static Progress start(String task, long total, boolean terminal) {
        return terminal ? new Bar(task, total) : new Lines(task, total, System.err);
    }

    /** Drawn over itself. */
    final class Bar implements Progress {
        private final ProgressBar bar;

        Bar(String task, long total) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setUpdateIntervalMillis(100)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, 100))
                    .build();
        }

        @Override
        public void at(long done) {
            bar.stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** For logs and pipes. */
    final class Lines implements Progress {
        private static final Duration EVERY = Duration.ofSeconds(5);

        private final String task;
        private final long total;
        private final PrintStream out;
        private long next = System.nanoTime() + EVERY.toNanos();

        Lines(String task, long total, PrintStream out) {
            this.task = task;
            this.total = total;
            this.out = out;
        }

        @Override
        public synchronized void at(long done) {
            if (System.nanoTime() >= next) {
                next = System.nanoTime() + EVERY.toNanos();
                out.println(task + ": " + done + (total < 0 ? "" : " of " + total));
            }
        }

        @Override
        public void close() {}
    }
}

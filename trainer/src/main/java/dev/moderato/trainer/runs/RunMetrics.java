package dev.moderato.trainer.runs;

import dev.moderato.ops.Health;
import dev.moderato.trainer.evaluate.Evaluation;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TrainingLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the service does, for Prometheus, and says whether it is well. Every name begins with {@code moderato_trainer_}, but for
 * what the JVM says of itself. A gauge that has nothing to tell yet is NaN.
 */
public final class RunMetrics implements Consumer<Follower.Event>, TrainingLoop.Listener {
    private static final String KAFKA = "kafka";
    private static final String LAST_RUN = "last run";

    /** What the service is at. */
    enum State {
        /** Reads the feedback topic until enough flags are there. */
        WAITING,
        /** Makes a data set. */
        PREPARING,
        TRAINING,
        /** All steps are done; the candidate is being judged. */
        JUDGING
    }

    /** How a run ended. */
    enum Ending {
        PASSED,
        REFUSED,
        FAILED
    }

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health;
    private final Clock clock;
    private final Timer runs = Timer.builder("moderato.trainer.run")
            .description("one run, whatever came of it")
            .register(registry);
    private final Timer steps = Timer.builder("moderato.trainer.step")
            .description("one step of the optimizer")
            .register(registry);
    private final MultiGauge checks = MultiGauge.builder("moderato.trainer.gate.check")
            .description("1 for a condition of the last gate that was met, else 0")
            .register(registry);
    private volatile State state = State.WAITING;
    private volatile int waiting;
    private volatile Instant runBegan;
    private volatile @Nullable Pace pace;
    private volatile double loss = Double.NaN;
    private volatile double gate = Double.NaN;

    /**
     * How a run goes.
     *
     * @param first step of this process, from which the remaining time is reckoned
     * @param next step
     */
    private record Pace(long first, long next, long steps, Instant began, Instant at) {
        double done() {
            return steps == 0 ? 1 : (double) next / steps;
        }

        double remainingSeconds() {
            return next == first
                    ? Double.NaN
                    : Duration.between(began, at).toNanos() / 1e9 / (next - first) * (steps - next);
        }
    }

    /**
     * Nothing has happened yet.
     *
     * @param flags at so many new ones a run starts
     */
    public RunMetrics(Health health, int flags, Clock clock) {
        this.health = health;
        this.clock = clock;
        this.runBegan = clock.instant();
        health.down(KAFKA, "not reached yet");
        new ProcessorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gauge("ready", "1 where flags are being followed, else 0", h -> h.health.ready() ? 1 : 0);
        gauge("flags.waiting", "flags that no run has seen", m -> m.waiting);
        gauge("flags.wanted", "flags at which a run starts", m -> flags);
        gauge("progress", "share of the run's steps that is done, 0 to 1", m -> {
            Pace now = m.pace;
            return now == null ? Double.NaN : now.done();
        });
        gauge("remaining.seconds", "until the run's last step, at the pace so far", m -> {
            Pace now = m.pace;
            return now == null ? Double.NaN : now.remainingSeconds();
        });
        gauge("loss", "loss of the last step", m -> m.loss);
        gauge("gate.passed", "1 where the last run passed its gate, 0 where it did not", m -> m.gate);
        for (State one : State.values()) {
            Gauge.builder("moderato.trainer.state", this, m -> m.state == one ? 1 : 0)
                    .description("1 for what the service is at, else 0")
                    .tag("state", lower(one))
                    .strongReference(true)
                    .register(registry);
        }
        for (Ending ending : Ending.values()) {
            ended(ending);
        }
    }

    private void gauge(String name, String description, ToDoubleFunction<RunMetrics> value) {
        Gauge.builder("moderato.trainer." + name, this, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private Counter ended(Ending ending) {
        return Counter.builder("moderato.trainer.runs")
                .description("runs by how they ended")
                .tag("ending", lower(ending))
                .register(registry);
    }

    @Override
    public void accept(Follower.Event event) {
        if (event instanceof Follower.Event.Waiting now) {
            waiting = now.flags();
            health.up(KAFKA, "read");
        } else if (event instanceof Follower.Event.Unreachable unreachable) {
            health.down(KAFKA, unreachable.why());
        } else if (event instanceof Follower.Event.Started started) {
            waiting = started.newFlags();
            runBegan = clock.instant();
            state = State.PREPARING;
        } else if (event instanceof Follower.Event.Finished finished) {
            finished(finished.outcome().evaluation());
        } else if (event instanceof Follower.Event.Failed failed) {
            health.warn(LAST_RUN, failed.why());
            over(Ending.FAILED);
        }
    }

    private void finished(Evaluation evaluation) {
        checks.register(
                evaluation.checks().stream()
                        .map(check -> MultiGauge.Row.of(Tags.of("check", check.name()), check.passed() ? 1 : 0))
                        .toList(),
                true);
        gate = evaluation.passed() ? 1 : 0;
        health.clear(LAST_RUN);
        over(evaluation.passed() ? Ending.PASSED : Ending.REFUSED);
    }

    private void over(Ending ending) {
        if (state != State.WAITING) {
            ended(ending).increment();
            runs.record(Duration.between(runBegan, clock.instant()));
        }
        state = State.WAITING;
        pace = null;
    }

    @Override
    public void started(long step, long of) {
        state = State.TRAINING;
        Instant now = clock.instant();
        pace = new Pace(step, step, of, now, now);
    }

    @Override
    public void step(StepReport report) {
        loss = report.loss();
        Pace before = pace;
        if (before == null) {
            return;
        }
        Instant now = clock.instant();
        steps.record(Duration.between(before.at(), now));
        Pace after = new Pace(before.first(), report.step() + 1, before.steps(), before.began(), now);
        pace = after;
        if (after.next() >= after.steps()) {
            state = State.JUDGING;
        }
    }

    /** All figures, as Prometheus reads them. */
    public String scrape() {
        return registry.scrape();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}

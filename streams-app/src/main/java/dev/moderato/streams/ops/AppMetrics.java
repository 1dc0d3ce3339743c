package dev.moderato.streams.ops;

import dev.moderato.inference.policy.LabelScore;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.ops.Health;
import dev.moderato.streams.batch.BatchListener;
import dev.moderato.streams.batch.Budget;
import dev.moderato.streams.batch.FaultListener;
import dev.moderato.streams.emit.OutcomeListener;
import dev.moderato.streams.judge.Outcome;
import dev.moderato.streams.judge.StageListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and times what the service does, for Prometheus. Every name begins with {@code moderato_}, but for what the JVM
 * says of itself.
 */
public final class AppMetrics implements StageListener, BatchListener, FaultListener, OutcomeListener {
    private static final Logger log = LoggerFactory.getLogger(AppMetrics.class);
    private static final String ENCODER = "encoder";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health;
    private final Map<Stage, Timer> stages = new EnumMap<>(Stage.class);
    private final Timer run = timer("moderato.batch.run", "one run of the encoder");
    private final Timer waited = timer("moderato.batch.wait", "how long a batch's oldest crop had waited");
    private final Timer latency = timer("moderato.latency", "from an event's timestamp to its outcome's sending");
    private final DistributionSummary size = DistributionSummary.builder("moderato.batch.size")
            .description("crops in a run of the encoder")
            .register(registry);
    private final DistributionSummary fill = DistributionSummary.builder("moderato.batch.fill")
            .description("share of the largest batch that a run had, 0 to 1")
            .register(registry);
    private final AtomicInteger limit = new AtomicInteger();
    private final Counter hits = counter("moderato.cache.requests", "embedding cache", "result", "hit");
    private final Counter misses = counter("moderato.cache.requests", "embedding cache", "result", "miss");
    private final Map<String, Tags> inForce = new TreeMap<>();
    private final MultiGauge versions = MultiGauge.builder("moderato.version")
            .description("1 for each policy and model that images are judged by")
            .register(registry);
    private final Map<String, Integer> uncalibrated = new TreeMap<>();
    private final MultiGauge uncalibratedLabels = MultiGauge.builder("moderato.uncalibrated.labels")
            .description("labels that are calibrated, but not for the model in service")
            .register(registry);
    private final Map<String, Counter> labels = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> scores = new ConcurrentHashMap<>();

    public AppMetrics(Health health) {
        this.health = health;
        for (Stage stage : Stage.values()) {
            stages.put(
                    stage,
                    Timer.builder("moderato.stage")
                            .description("time of an image in a stage")
                            .tag("stage", lower(stage))
                            .publishPercentileHistogram()
                            .minimumExpectedValue(Duration.ofNanos(100_000))
                            .maximumExpectedValue(Duration.ofSeconds(30))
                            .register(registry));
        }
        new ProcessorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gauge("moderato.ready", "1 where images can be moderated, else 0", health, h -> h.ready() ? 1 : 0);
        gauge(
                "moderato.warnings",
                "what is wrong without stopping the stream",
                health,
                h -> h.warnings().size());
        Gauge.builder("moderato.batch.limit", limit, AtomicInteger::get)
                .description("most crops in a run, as things are")
                .register(registry);
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** A value that is read when it is asked for. */
    public <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /** What is in use of the budget. */
    public void budget(Budget budget, long maxBytes) {
        gauge("moderato.budget.bytes", "bytes of images in work", budget, Budget::bytesInUse);
        gauge("moderato.budget.bytes.max", "most bytes of images in work", maxBytes, Long::doubleValue);
        gauge("moderato.budget.items", "images in work", budget, Budget::itemsInUse);
        gauge("moderato.budget.items.allowed", "most images in work, as things are", budget, Budget::itemsAllowed);
    }

    /**
     * Images are judged by this from now on.
     *
     * @param kind {@code policy} or {@code model}
     * @param name of the policy; empty for the model, of which there is one
     */
    public synchronized void inForce(String kind, String name, String version) {
        inForce.put(kind + " " + name, Tags.of("kind", kind, "name", name, "version", version));
        showVersions();
    }

    /** No image is judged by this any more. */
    public synchronized void retired(String kind, String name) {
        inForce.remove(kind + " " + name);
        showVersions();
        uncalibrated.remove(name);
        showUncalibrated();
    }

    /** How many labels of a policy in force are calibrated, but not for the model in service. */
    public synchronized void uncalibrated(String policy, int count) {
        uncalibrated.put(policy, count);
        showUncalibrated();
    }

    private void showUncalibrated() {
        uncalibratedLabels.register(
                uncalibrated.entrySet().stream()
                        .map(entry -> MultiGauge.Row.of(Tags.of("policy", entry.getKey()), entry.getValue()))
                        .toList(),
                true);
    }

    private void showVersions() {
        versions.register(
                inForce.values().stream()
                        .map(tags -> MultiGauge.Row.of(tags, 1))
                        .toList(),
                true);
    }

    /** A policy or a model was announced and is in force, or was refused. */
    public void distributed(String kind, boolean accepted) {
        counter(
                        "moderato.distribution",
                        "announced policies and models",
                        "kind",
                        kind,
                        "result",
                        accepted ? "accepted" : "refused")
                .increment();
    }

    @Override
    public void took(Stage stage, long nanos) {
        stage(stage).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer stage(Stage stage) {
        Timer timer = stages.get(stage);
        if (timer == null) {
            throw new IllegalStateException("every stage has a timer");
        }
        return timer;
    }

    @Override
    public void cacheAsked(boolean hit) {
        (hit ? hits : misses).increment();
    }

    @Override
    public void ran(int crops, int most, long waitedNanos, long ranNanos) {
        run.record(ranNanos, TimeUnit.NANOSECONDS);
        waited.record(waitedNanos, TimeUnit.NANOSECONDS);
        size.record(crops);
        fill.record((double) crops / most);
        limit.set(most);
    }

    @Override
    public void split(int crops, String reason) {
        log.warn("a batch of {} failed and is tried again in halves: {}", crops, reason);
        fault("split");
    }

    @Override
    public void shrunk(int from, int to) {
        log.warn("the encoder ran out of memory: batches have at most {} images from now on, not {}", to, from);
        health.warn(ENCODER, "out of memory: at most " + to + " images a batch (batch.max is " + from + ")");
        fault("shrunk");
    }

    @Override
    public void reopened(String reason) {
        log.warn("the encoder's session was opened anew: {}", reason);
        fault("reopened");
    }

    @Override
    public void unavailable(String reason) {
        log.error("no image can be encoded, and nothing is committed: {}", reason);
        health.down(ENCODER, reason);
        fault("unavailable");
    }

    @Override
    public void encoded() {
        health.up(ENCODER, "encodes");
    }

    @Override
    public void sent(String id, Headers headers, Outcome outcome, long age) {
        OutcomeLog.sent(id, outcome);
        latency.record(Math.max(0, age), TimeUnit.MILLISECONDS);
        if (outcome instanceof Outcome.Moderated moderated) {
            verdict(moderated.policy(), moderated.decision().verdict());
            moderated.decision().labels().forEach(score -> label(moderated.policy(), score));
        } else if (outcome instanceof Outcome.Failed failed) {
            labels.computeIfAbsent(
                            "failure/" + failed.reason(),
                            key -> counter(
                                    "moderato.failures",
                                    "images without a verdict",
                                    "reason",
                                    failed.reason().name()))
                    .increment();
        }
    }

    private void verdict(String policy, Verdict verdict) {
        labels.computeIfAbsent(
                        "verdict/" + policy + "/" + verdict,
                        key -> counter("moderato.verdicts", "verdicts", "policy", policy, "verdict", verdict.name()))
                .increment();
    }

    private void label(String policy, LabelScore score) {
        if (score.group()) {
            return;
        }
        scores.computeIfAbsent(
                        policy + "/" + score.label(),
                        key -> DistributionSummary.builder("moderato.label.score")
                                .description("scores of a label, 0 to 1: their mean shows drift")
                                .tag("policy", policy)
                                .tag("label", score.label())
                                .register(registry))
                .record(score.score());
        if (score.outcome() != Verdict.ALLOW) {
            labels.computeIfAbsent(
                            policy + "/" + score.label() + "/" + score.outcome() + score.shadow(),
                            key -> counter(
                                    "moderato.label.outcomes",
                                    "labels that asked for something",
                                    "policy",
                                    policy,
                                    "label",
                                    score.label(),
                                    "outcome",
                                    score.outcome().name(),
                                    "mode",
                                    score.shadow() ? "shadow" : "live"))
                    .increment();
        }
    }

    private void fault(String kind) {
        counter("moderato.encoder.faults", "faults of the encoder", "kind", kind)
                .increment();
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(100_000))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(registry);
    }

    private static String lower(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}

package dev.moderato.streams;

import dev.moderato.bundles.BundleStore;
import dev.moderato.content.ContentFetcher;
import dev.moderato.ops.Health;
import dev.moderato.ops.OpsServer;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.batch.Budget;
import dev.moderato.streams.emit.Intake;
import dev.moderato.streams.emit.ModerationTopology;
import dev.moderato.streams.emit.OutcomeListener;
import dev.moderato.streams.judge.EmbeddingCache;
import dev.moderato.streams.judge.ImagePipeline;
import dev.moderato.streams.models.BundleOpener;
import dev.moderato.streams.models.ClipBundles;
import dev.moderato.streams.models.ControlTopics;
import dev.moderato.streams.models.ServingModel;
import dev.moderato.streams.models.Snapshot;
import dev.moderato.streams.models.Snapshots;
import dev.moderato.streams.ops.AppMetrics;
import dev.moderato.streams.ops.OutcomeTraces;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.streams.policies.PolicyPublisher;
import dev.moderato.streams.policies.ServedGate;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.BatchSettings;
import dev.moderato.streams.settings.TraceSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The moderation service: images in, verdicts out, until it is closed. */
public final class ModeratorApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModeratorApp.class);
    /** Nothing is kept here that a restart could use: whoever stays takes over at once. */
    private static final CloseOptions STOP = CloseOptions.timeout(Duration.ofSeconds(30))
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

    /** A commit waits for all that is in work: that is kept to a share of what the wait may take. */
    private static final int DRAIN_SHARE = 4;

    private final Health health = new Health();
    private final AppMetrics metrics = new AppMetrics(health);
    private final Snapshots snapshots = new Snapshots();
    /** What was started; closed in the opposite order. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private int opsPort = -1;
    private volatile boolean closing;

    private ModeratorApp() {}

    /**
     * Starts the service; returns once images are being moderated.
     *
     * @throws StartException where it cannot start, with one line that says why
     */
    public static ModeratorApp start(AppSettings settings) throws StartException, InterruptedException {
        return start(settings, new ClipBundles(settings.model(), settings.image(), settings.batch()));
    }

    /** As {@link #start(AppSettings)} with another encoder: for benches and tests. */
    public static ModeratorApp start(AppSettings settings, BundleOpener bundles)
            throws StartException, InterruptedException {
        ModeratorApp app = new ModeratorApp();
        try {
            app.run(settings, bundles);
            return app;
        } catch (StartException | InterruptedException | RuntimeException e) {
            app.close();
            throw e;
        }
    }

    /** The port that health and metrics are served on; -1 where they are not. */
    public int opsPort() {
        return opsPort;
    }

    public Health health() {
        return health;
    }

    public AppMetrics metrics() {
        return metrics;
    }

    /** What images are judged with now. */
    public Snapshots snapshots() {
        return snapshots;
    }

    /** Finishes and commits what is in work, then stops. */
    @Override
    public void close() {
        closing = true;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                log.warn("stopping goes on: {}", e.toString());
            }
        }
    }

    private void run(AppSettings settings, BundleOpener bundles) throws StartException, InterruptedException {
        Topics topics = new Topics(settings.kafka().prefix());
        EventSerdes serdes = EventSerdes.with(settings.kafka().registryConfig());
        health.down("stream", "starting");
        serveOps(settings);
        Reachability.check(settings.kafka(), topics, settings.stream().start());

        started.push(snapshots::close);
        BundleStore store =
                new BundleStore(settings.bundles().s3(), settings.bundles().cache(), null);
        started.push(store);
        ControlTopics control = new ControlTopics(
                topics,
                settings.kafka().clientConfig(),
                serdes,
                settings.model().bundle(),
                store,
                bundles,
                parts -> serve(parts, settings.batch()),
                snapshots,
                new Announcements(health, metrics));
        started.push(control);
        watchPolicies(settings, topics, serdes);
        try {
            control.awaitSnapshot(settings.stream().start());
        } catch (IllegalStateException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
        moderate(settings, topics, serdes);
    }

    private void serveOps(AppSettings settings) throws StartException {
        if (!settings.ops().enabled()) {
            return;
        }
        try {
            OpsServer server = OpsServer.start(settings.ops(), () -> !closing, health, metrics.registry()::scrape);
            opsPort = server.port();
            started.push(server);
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private ServingModel serve(ServingModel.Parts parts, BatchSettings batch) {
        return new ServingModel(parts, batch.max(), batch.linger(), metrics, metrics);
    }

    private void watchPolicies(AppSettings settings, Topics topics, EventSerdes serdes) {
        Path watched = settings.policies().watch();
        if (watched != null) {
            PolicyLog policyLog = new PolicyLog(topics, settings.kafka().clientConfig(), serdes);
            started.push(new PolicyPublisher(
                    watched,
                    settings.policies().debounce(),
                    policyLog,
                    new ServedGate(snapshots, settings.policies().tests()),
                    new FolderReports(health, metrics)));
        }
    }

    private void moderate(AppSettings settings, Topics topics, EventSerdes serdes)
            throws StartException, InterruptedException {
        BatchSettings batch = settings.batch();
        ContentFetcher references = ContentFetcher.create(settings.references().rules());
        started.push(references);
        ImagePipeline pipeline = new ImagePipeline(
                references,
                new EmbeddingCache(batch.cacheBytes()),
                metrics,
                batch.decodeThreads(),
                batch.fetchThreads());
        started.push(pipeline);
        Budget budget = new Budget(
                batch.budgetBytes(),
                batch.budgetItems(),
                settings.stream().drain().dividedBy(DRAIN_SHARE));
        metrics.budget(budget, batch.budgetBytes());
        metrics.gauge("moderato.encoder.waiting", "crops that wait for a run of the encoder", snapshots, app -> {
            Snapshot current = app.peek();
            return current == null ? 0 : current.model().batcher().waiting();
        });
        metrics.gauge(
                "moderato.decode.waiting",
                "images that wait for a decoding thread",
                pipeline,
                ImagePipeline::waitingToDecode);

        Intake intake =
                new Intake(pipeline, snapshots, budget, settings.stream().drain());
        Topology topology =
                ModerationTopology.build(topics, serdes, intake, listener(settings.traces()), settings.stream());
        KafkaStreams streams = new KafkaStreams(topology, StreamsConfiguration.of(settings, topics));
        StreamFaults faults = new StreamFaults(health);
        streams.setUncaughtExceptionHandler(faults);
        streams.setStateListener((state, before) -> tell(state, faults));
        started.push(() -> streams.close(STOP));
        metrics.gauge("moderato.lag.records", "images published and not yet read", streams, ModeratorApp::lag);
        try {
            streams.start();
        } catch (KafkaException | IllegalStateException e) {
            throw new StartException("the stream cannot start: " + e.getMessage(), e);
        }
        awaitRunning(streams, settings.stream().start());
    }

    private OutcomeListener listener(TraceSettings traces) {
        if (traces.endpoint() == null) {
            return metrics;
        }
        OutcomeTraces sender = new OutcomeTraces(traces.endpoint(), traces.share());
        started.push(sender);
        return metrics.andThen(sender);
    }

    private void tell(State state, StreamFaults faults) {
        if (state == State.RUNNING) {
            health.up("stream", "running");
        } else {
            health.down("stream", state.name().toLowerCase(Locale.ROOT) + faults.last());
        }
    }

    private static void awaitRunning(KafkaStreams streams, Duration timeout)
            throws StartException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (streams.state() != State.RUNNING) {
            if (System.nanoTime() > deadline || streams.state().hasCompletedShutdown()) {
                throw new StartException(
                        "the stream is " + streams.state() + ", not running, after " + timeout.toSeconds() + " s");
            }
            Thread.sleep(10);
        }
    }

    private static double lag(KafkaStreams streams) {
        return streams.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("records-lag")
                        && metric.metricValue() instanceof Double lag
                        && !lag.isNaN())
                .mapToDouble(metric -> (Double) metric.metricValue())
                .sum();
    }
}

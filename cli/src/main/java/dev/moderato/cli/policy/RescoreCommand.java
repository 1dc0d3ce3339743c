package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.Policy;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.streams.rescore.EmbeddingTopic;
import dev.moderato.streams.rescore.RescoreJob;
import dev.moderato.streams.rescore.Selection;
import dev.moderato.streams.rescore.Tally;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Judges past images by the policy that is in force now, from their stored embeddings. */
@Command(
        name = "rescore",
        description = {
            "Judge past images by the policy in force, from their stored embeddings; publish what changes.",
            "",
            "Results carry the origin RESCORE and name what they supersede. Run again after an interruption: it goes on",
            "where it was. Run on several machines: they share the work."
        },
        footer = {"", "  moderato policy rescore --policy default --since 7d"})
final class RescoreCommand implements Callable<Integer> {
    @Option(names = "--policy", paramLabel = "NAME", required = true, description = "The policy, as it is in force.")
    String name = "";

    @Option(
            names = "--since",
            paramLabel = "AGE|INSTANT",
            defaultValue = "all",
            converter = SinceOption.Converter.class,
            description = "Images from then on: 7d, 12h, 30m, an instant, or all (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    SinceOption since;

    @Option(
            names = "--from",
            paramLabel = "VERSION",
            description = "The version that judged before (default: the one that the policy in force replaced).")
    @Nullable
    String from;

    @Option(names = "--all", description = "Publish unchanged results too.")
    boolean all;

    @Option(names = "--again", description = "Begin anew what an earlier run did already.")
    boolean again;

    @Option(names = "--threads", paramLabel = "N", description = "Members of this process (default: one a core).")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--json", description = "End with one line of JSON.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    BundleOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (threads < 1) {
            throw CommandFailed.wrongUsage("--threads is " + threads + ": it takes at least 1");
        }
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        try (LocalModel encoder = LocalModel.open(model.bundle())) {
            RescoreJob.Plan plan = plan(cluster, encoder);
            RescoreJob job = new RescoreJob(cluster.topics(), cluster.client(), cluster.serdes());
            if (again) {
                job.forget(plan.group());
            }
            long total = new EmbeddingTopic(cluster.topics(), cluster.client()).size(since.instant());
            long start = System.nanoTime();
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(job, ended)));
            try {
                Tally tally;
                try (Progress progress =
                        Progress.start("Rescoring", total, Launch.read().terminal())) {
                    tally = job.run(plan, progress::at);
                }
                print(plan, tally, (System.nanoTime() - start) / 1e9);
            } finally {
                ended.countDown();
            }
            return 0;
        } catch (KafkaException e) {
            throw CommandFailed.because(
                    "rescoring stopped: " + e.getMessage() + ". What was committed stays; run it again to go on.", e);
        }
    }

    /** On Ctrl-C: what is in work is committed and told, and another run can go on at once. */
    private static void stop(RescoreJob job, CountDownLatch ended) {
        job.stop();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RescoreJob.Plan plan(Cluster cluster, LocalModel encoder) {
        PolicyLog.State state;
        try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            state = log.read();
        }
        PolicyPublished current = state.current().get(name);
        if (current == null) {
            throw CommandFailed.because("no policy " + name + " is in force; in force are "
                    + String.join(", ", state.current().keySet()) + ". `moderato policy publish` puts one in force.");
        }
        Policy after = PolicySource.find(name, () -> state);
        Policy before =
                from == null ? PolicySource.parent(current, state) : PolicySource.find(name + "@" + from, () -> state);
        String group = String.join(
                ".",
                cluster.topics().prefix(),
                "rescore",
                name,
                after.version(),
                before == null ? "first" : before.version(),
                encoder.bundle().sha256().substring(0, 16),
                since.text(),
                all ? "all" : "changed");
        return new RescoreJob.Plan(
                group,
                new Selection(name, encoder.bundle().sha256(), since.instant()),
                encoder.compile(after),
                before == null ? null : encoder.compile(before),
                all,
                threads);
    }

    private void print(RescoreJob.Plan plan, Tally tally, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        Policy policy = plan.after().policy();
        if (json) {
            ObjectNode line = JsonLine.object()
                    .put("policy", policy.name())
                    .put("version", policy.version())
                    .put("group", plan.group());
            TallyText.put(line, tally)
                    .put("emitted", tally.emitted())
                    .put("seconds", seconds)
                    .put("embeddingsPerSecond", tally.read() / seconds);
            out.println(JsonLine.write(line));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%d embeddings read, %d judged by %s@%s, %d results published in %.1f s (%.0f a second)%n",
                    tally.read(),
                    tally.judged(),
                    policy.name(),
                    policy.version(),
                    tally.emitted(),
                    seconds,
                    tally.read() / seconds);
        }
        TallyText.notes(tally, plan.after().modelId())
                .forEach(note -> spec.commandLine().getErr().println(note));
        out.flush();
    }
}

package dev.moderato.cli.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackException;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.events.ModelRef;
import dev.moderato.inference.policy.PolicyDiff;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.Templates;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.rescore.EmbeddingScan;
import dev.moderato.streams.rescore.RescoreJob;
import dev.moderato.streams.rescore.Selection;
import dev.moderato.streams.rescore.Tally;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** `policy rescore` and `policy diff` on generated embeddings: a real broker, the topic read and Avro included. */
@Command(
        name = "rescore",
        description = {
            "Time `policy rescore` and `policy diff` on generated embeddings.",
            "",
            "Fills the embeddings topic of an embedded broker (not measured), then judges all of it under two versions of a",
            "policy that differ in one threshold, on all cores. Before that, scoring alone on one thread, in turns with its",
            "bare matrix product."
        })
public final class RescoreBench implements Callable<Integer> {
    private static final String POLICY = "bench";
    private static final double LOGIT_SCALE = 100;
    private static final int NEUTRAL = 20;
    private static final int[] PERCENTILES = {50, 95, 99};
    private static final ModelRef MODEL = new ModelRef("bench", "0".repeat(64));

    @Option(
            names = "--embeddings",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many (default: ${DEFAULT-VALUE}).")
    long embeddings = 1_000_000;

    @Option(
            names = "--size",
            paramLabel = "N",
            defaultValue = "512",
            description = "Dimensions of each (default: ${DEFAULT-VALUE}).")
    int size = 512;

    @Option(
            names = "--labels",
            paramLabel = "N",
            defaultValue = "50",
            description = "Labels of the policy (default: ${DEFAULT-VALUE}).")
    int labels = 50;

    @Option(
            names = "--prompts",
            paramLabel = "N",
            defaultValue = "5",
            description = "Prompts of each label (default: ${DEFAULT-VALUE}).")
    int prompts = 5;

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Topics topics = new Topics("bench");
        int threads = Runtime.getRuntime().availableProcessors();
        ScoringRate scoring = ScoringRate.measure(scorer(0.999), NEUTRAL + labels * prompts);
        try (DevStack stack = DevStack.start(DevStackSettings.temporary(
                topics.all().stream().map(Topic::request).toList()))) {
            EventSerdes serdes = EventSerdes.at(stack.registryUrl());
            try (Progress progress = progress("Filling")) {
                new StoredEmbeddings(embeddings, size, MODEL, POLICY)
                        .write(topics, stack.bootstrapServers(), serdes, progress);
            }
            Map<String, Object> client = Map.of("bootstrap.servers", stack.bootstrapServers());
            PolicyScorer before = scorer(0.999);
            PolicyScorer after = scorer(0.99);
            Selection selection = new Selection(POLICY, MODEL.getSha256(), Instant.EPOCH);

            resetPeaks();
            long start = System.nanoTime();
            Tally tally;
            try (Progress progress = progress("Rescoring")) {
                tally = new RescoreJob(topics, client, serdes)
                        .run(
                                new RescoreJob.Plan("bench.rescore", selection, after, before, false, threads),
                                progress::at);
            }
            double rescore = (System.nanoTime() - start) / 1e9;
            double heapMiB = peakMiB();

            start = System.nanoTime();
            PolicyDiff.Result<String> diff;
            try (Progress progress = progress("Comparing")) {
                diff = diff(new EmbeddingScan(topics, client, serdes), selection, before, after, threads, progress);
            }
            print(scoring, tally, rescore, heapMiB, diff, (System.nanoTime() - start) / 1e9, threads);
        } catch (DevStackException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    private static PolicyDiff.Result<String> diff(
            EmbeddingScan scan,
            Selection selection,
            PolicyScorer before,
            PolicyScorer after,
            int threads,
            Progress progress)
            throws InterruptedException {
        List<PolicyDiff<String>> parts = new ArrayList<>();
        scan.run(
                selection,
                after.embeddingSize(),
                threads,
                () -> {
                    PolicyDiff<String> part = new PolicyDiff<>(before, after, 10);
                    parts.add(part);
                    return image ->
                            part.add(image.event().getId(), image.event().getSurface(), image.frames());
                },
                progress::at);
        PolicyDiff<String> whole = parts.remove(0);
        parts.forEach(whole::merge);
        return whole.result();
    }

    /** Every label blocks from 0.999 on, which random vectors seldom reach; the first one's threshold is given. */
    private PolicyScorer scorer(double threshold) {
        String text = "policy: " + POLICY + "\nneutral: " + quoted("neutral", NEUTRAL) + "\nlabels:\n"
                + IntStream.range(0, labels)
                        .mapToObj(label -> "  label-" + label + ": {prompts: " + quoted("prompt " + label, prompts)
                                + ", thresholds: {block: " + (label == 0 ? threshold : 0.999) + "}}")
                        .collect(Collectors.joining("\n", "", "\n"));
        return PolicyScorer.compile(
                PolicyParser.parse(text, "bench.yaml", Templates.none()).orElseThrow(),
                new RandomTexts(size),
                MODEL.getId(),
                LOGIT_SCALE);
    }

    private static String quoted(String stem, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> '"' + stem + " " + i + '"')
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private Progress progress(String task) {
        return Progress.start(task, embeddings, Launch.read().terminal());
    }

    private static List<MemoryPoolMXBean> heap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }

    private static void resetPeaks() {
        System.gc();
        heap().forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    private static double peakMiB() {
        return heap().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() / 1048576.0;
    }

    private void print(
            ScoringRate scoring,
            Tally tally,
            double rescore,
            double heapMiB,
            PolicyDiff.Result<String> diff,
            double diffSeconds,
            int threads) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode line = JsonLine.object()
                    .put("embeddings", tally.read())
                    .put("size", size)
                    .put("labels", labels)
                    .put("prompts", prompts)
                    .put("threads", threads)
                    .put("emitted", tally.emitted())
                    .put("seconds", rounded(rescore))
                    .put("embeddingsPerSecond", rounded(tally.judged() / rescore))
                    .put("heapPeakMiB", rounded(heapMiB));
            line.putObject("diff")
                    .put("changed", diff.changed())
                    .put("seconds", rounded(diffSeconds))
                    .put("embeddingsPerSecond", rounded(diff.images() / diffSeconds));
            ObjectNode alone = line.putObject("scoring")
                    .put("imagesPerSecond", rounded(scoring.imagesPerSecond()))
                    .put("bareProductImagesPerSecond", rounded(scoring.productsPerSecond()))
                    .put("ratio", scoring.imagesPerSecond() / scoring.productsPerSecond())
                    .put("batch", ScoringRate.BATCH);
            ObjectNode micros = alone.putObject("batchMicros");
            for (int percentile : PERCENTILES) {
                micros.put("p" + percentile, rounded(scoring.batches().getValueAtPercentile(percentile) / 1e3));
            }
            out.println(JsonLine.write(line));
        } else {
            out.printf(
                    Locale.ROOT,
                    "scoring: %.0f images a second on one core, %.2f of its matrix product alone%n",
                    scoring.imagesPerSecond(),
                    scoring.imagesPerSecond() / scoring.productsPerSecond());
            out.printf(
                    Locale.ROOT,
                    "rescore: %d embeddings in %.1f s, %.0f a second, %d results published, heap at most %.0f MiB%n",
                    tally.judged(),
                    rescore,
                    tally.judged() / rescore,
                    tally.emitted(),
                    heapMiB);
            out.printf(
                    Locale.ROOT,
                    "diff:    %d embeddings in %.1f s, %.0f a second, %d verdicts differ%n",
                    diff.images(),
                    diffSeconds,
                    diff.images() / diffSeconds,
                    diff.changed());
        }
        out.flush();
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}

package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.cli.cluster.SubmittedImages;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.events.Source;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyDiff;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.streams.rescore.EmbeddingScan;
import dev.moderato.streams.rescore.EmbeddingTopic;
import dev.moderato.streams.rescore.Selection;
import dev.moderato.streams.rescore.Tally;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what an edit would change before anybody publishes it. */
@Command(
        name = "diff",
        description = {
            "Show which verdicts change between two policies, on stored embeddings or on image files.",
            "",
            "A policy is a file, NAME (in force) or NAME@VERSION (archive). Nothing is published."
        },
        footer = {
            "",
            "  moderato policy diff default prompts/default.yaml --since 7d --html diff.html",
            "  moderato policy diff old.yaml new.yaml --images photos/"
        })
final class DiffCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "OLD", description = "File, NAME or NAME@VERSION.")
    String old = "";

    @Parameters(index = "1", paramLabel = "NEW", description = "File, NAME or NAME@VERSION.")
    String now = "";

    @Option(
            names = "--since",
            paramLabel = "AGE|INSTANT",
            defaultValue = "7d",
            converter = SinceOption.Converter.class,
            description = "Stored images from then on: 7d, 12h, 30m, an instant, or all (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    SinceOption since;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            description = "Image files or folders of them, instead of stored images.")
    List<String> images = List.of();

    @Option(names = "--surface", paramLabel = "NAME", description = "With --images: where the images would be shown.")
    @Nullable
    String surface;

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "12",
            description = "Most changed images to show for each label and change (default: ${DEFAULT-VALUE}).")
    int examples = 12;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also write a page, with thumbnails where the images are at hand.")
    @Nullable
    Path html;

    @Option(names = "--json", description = "Print one line of JSON.")
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
        List<String> files = ImagePaths.expand(images);
        boolean local = !files.isEmpty() && PolicySource.isFile(old) && PolicySource.isFile(now);
        Cluster cluster = options.cluster();
        if (!local) {
            cluster.mustBeReady();
        }
        try (LocalModel encoder = LocalModel.open(model.bundle())) {
            PolicyScorer before = encoder.compile(find(old, cluster));
            PolicyScorer after = encoder.compile(find(now, cluster));
            Comparison comparison = files.isEmpty()
                    ? ofStored(cluster, encoder, before, after)
                    : ofFiles(files, encoder, before, after);
            print(comparison);
            if (html != null) {
                write(comparison, files.isEmpty() ? cluster : null, html);
            }
            return 0;
        } catch (KafkaException e) {
            throw CommandFailed.because("the stored embeddings cannot be read: " + e.getMessage(), e);
        }
    }

    private static Policy find(String named, Cluster cluster) {
        return PolicySource.find(named, () -> {
            try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
                return log.read();
            }
        });
    }

    private Comparison ofStored(Cluster cluster, LocalModel encoder, PolicyScorer before, PolicyScorer after)
            throws InterruptedException {
        List<PolicyDiff<ComparedImage>> parts = new CopyOnWriteArrayList<>();
        long total = new EmbeddingTopic(cluster.topics(), cluster.client()).size(since.instant());
        Tally tally;
        try (Progress progress =
                Progress.start("Comparing", total, Launch.read().terminal())) {
            tally = new EmbeddingScan(cluster.topics(), cluster.client(), cluster.serdes())
                    .run(
                            new Selection(
                                    before.policy().name(), encoder.bundle().sha256(), since.instant()),
                            encoder.bundle().embeddingSize(),
                            Runtime.getRuntime().availableProcessors(),
                            () -> {
                                PolicyDiff<ComparedImage> part = new PolicyDiff<>(before, after, examples);
                                parts.add(part);
                                return image -> part.add(
                                        new ComparedImage(
                                                image.event().getId(),
                                                image.event().getSource()),
                                        image.event().getSurface(),
                                        image.frames());
                            },
                            progress::at);
        }
        PolicyDiff<ComparedImage> whole = new PolicyDiff<>(before, after, examples);
        parts.forEach(whole::merge);
        return new Comparison(before.policy(), after.policy(), before.modelId(), whole.result(), tally);
    }

    private Comparison ofFiles(List<String> files, LocalModel encoder, PolicyScorer before, PolicyScorer after) {
        PolicyDiff<ComparedImage> diff = new PolicyDiff<>(before, after, examples);
        long unreadable = 0;
        try (Progress progress =
                Progress.start("Encoding", files.size(), Launch.read().terminal())) {
            for (int i = 0; i < files.size(); i++) {
                try {
                    diff.add(new ComparedImage(files.get(i), null), surface, encoder.embed(Path.of(files.get(i))));
                } catch (IOException e) {
                    unreadable++;
                    spec.commandLine().getErr().println(files.get(i) + " is left out: " + e.getMessage());
                }
                progress.at(i + 1L);
            }
        }
        return new Comparison(
                before.policy(),
                after.policy(),
                before.modelId(),
                diff.result(),
                new Tally(files.size(), files.size() - unreadable, 0, 0, 0, 0, 0, unreadable));
    }

    private void print(Comparison comparison) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(comparison.json());
        } else {
            comparison.print(out);
        }
        out.flush();
        if (images.isEmpty()) {
            TallyText.notes(comparison.tally(), comparison.modelId())
                    .forEach(note -> spec.commandLine().getErr().println(note));
        }
    }

    /** @param cluster where stored images are looked up; null where the images are files */
    private static void write(Comparison comparison, @Nullable Cluster cluster, Path file) {
        if (cluster == null) {
            new ComparisonPage(comparison, image -> read(Path.of(image.id())))
                    .page()
                    .write(file);
            return;
        }
        try (SubmittedImages submitted = new SubmittedImages(cluster)) {
            new ComparisonPage(comparison, image -> {
                        Source source = image.source();
                        return source == null ? null : submitted.bytes(source);
                    })
                    .page()
                    .write(file);
        }
    }

    private static byte @Nullable [] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
    }
}

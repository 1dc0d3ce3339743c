package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.devstack.DevStack;
import dev.moderato.devstack.DevStackException;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.pictograms.Renderer;
import dev.moderato.pictograms.Scenes;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.ModeratorApp;
import dev.moderato.streams.StartException;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.Profile;
import dev.moderato.streams.settings.SettingsException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole stream on the embedded broker, exactly once, against what the bare machine could do in the same run. */
@Command(
        name = "stream",
        description =
                "Measure the whole stream on an embedded broker: images a second, latency, and the bare ceilings.",
        footer = {
            "",
            "Without --rate all images are published first, and the time is taken that the service needs for them;",
            "with it, latency is from when an image was due to when a reader of committed records has its verdict.",
            "All of it runs in this process: broker, publisher and reader have their share of the CPU."
        })
public final class StreamBench implements Callable<Integer> {
    private static final int GENERATED = 256;
    /** Share of the images that warm the JVM, and at least so many seconds of a steady load. */
    private static final double WARM_UP = 0.3;

    @Option(
            names = "--encoder",
            paramLabel = "ENCODER",
            defaultValue = "model",
            description = {
                "fixed:20ms/64  a stand-in for a GPU: 20 ms for each batch of up to 64, and no CPU",
                "random:vit-b-32  CLIP ViT-B/32 in its real size with random weights",
                "model  the bundle of --model (default: ${DEFAULT-VALUE})"
            })
    String encoder = "model";

    @Option(
            names = "--model",
            paramLabel = "BUNDLE_DIR",
            description = "Bundle for --encoder model (default: the shipped demonstration encoder).")
    @Nullable
    Path model;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Images a second, steadily (default: as fast as possible).")
    double rate;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "15",
            description = "About how long the load lasts (default: ${DEFAULT-VALUE}).")
    int seconds = 15;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
    int partitions = 8;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            arity = "1..*",
            description = "Image files or folders of them (default: drawn pictograms as JPEG).")
    List<String> images = List.of();

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "64",
            description = "Side of the drawn pictograms (default: ${DEFAULT-VALUE}).")
    int size = 64;

    @Option(names = "--profile", paramLabel = "PROFILE", description = "latency or throughput (default: throughput).")
    Profile profile = Profile.THROUGHPUT;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting of the service; may be given several times.")
    Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (rate < 0 || seconds < 1 || partitions < 1 || size < 8) {
            throw CommandFailed.wrongUsage(
                    "--rate is at least 0, --seconds and --partitions at least 1, --size at least 8");
        }
        Launch launch = Launch.read();
        BenchEncoder chosen = BenchEncoder.parse(encoder, model == null ? launch.shippedModel() : model);
        List<byte[]> files = images.isEmpty() ? pictograms(size) : read(images);
        try (BenchModel subject = BenchModel.open(chosen)) {
            StreamFigures figures = measure(subject, files, launch);
            figures.print(spec.commandLine().getOut(), json);
        }
        return 0;
    }

    private StreamFigures measure(BenchModel subject, List<byte[]> files, Launch launch) throws InterruptedException {
        Ceilings before = subject.ceilings(files);
        int total = Math.max(20, (int) ((rate > 0 ? rate : before.combined()) * seconds / (1 - WARM_UP)));
        Topics topics = new Topics("bench", partitions);
        try (DevStack stack = DevStack.start(DevStackSettings.temporary(
                topics.all().stream().map(Topic::request).toList()))) {
            EventSerdes serdes = EventSerdes.at(stack.registryUrl());
            try (StreamLoad load = new StreamLoad(stack.bootstrapServers(), serdes, topics, files);
                    Progress progress = Progress.start("Moderating", total, launch.terminal())) {
                if (rate <= 0) {
                    load.publish(total);
                }
                AppSettings service = AppSettings.of(serviceSettings(subject, stack, topics, launch));
                try (ModeratorApp app = ModeratorApp.start(service, subject.opener(service));
                        StreamWatch watch = new StreamWatch(stack.bootstrapServers(), topics)) {
                    if (rate > 0) {
                        Thread publisher = new Thread(() -> load.publish(total, rate), "publisher");
                        publisher.setDaemon(true);
                        publisher.start();
                    }
                    StreamWatch.Seen seen = watch.await(total, (int) (total * WARM_UP), progress);
                    StreamFigures.Batches batches =
                            StreamFigures.Batches.of(app.metrics().registry());
                    Ceilings after = subject.ceilings(files);
                    return new StreamFigures(
                            encoder,
                            profile,
                            partitions,
                            rate,
                            seen,
                            batches,
                            before.mean(after, subject.sharesTheCores()));
                }
            }
        } catch (DevStackException | StartException | SettingsException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, String> serviceSettings(BenchModel subject, DevStack stack, Topics topics, Launch launch) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("profile", profile.name());
        all.put("kafka.bootstrap", stack.bootstrapServers());
        all.put("registry.url", stack.registryUrl());
        all.put("topics.prefix", topics.prefix());
        all.put("policies.watch", launch.shippedPrompts().toString());
        all.put("policies.tests", "false");
        all.put("model.bundle", subject.folder().toString());
        all.put("cache.bytes", "0"); // the same images come again and again
        all.put("ops.enabled", "false");
        all.putAll(subject.settings());
        all.putAll(settings);
        return all;
    }

    private static List<byte[]> pictograms(int side) {
        Scenes scenes = new Scenes(1, Scenes.Choice.ANY);
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < GENERATED; i++) {
            BufferedImage image = Renderer.render(scenes.scene(i), side, side);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                ImageIO.write(image, "jpg", out);
            } catch (IOException e) {
                throw new IllegalStateException("writing to memory does not fail", e);
            }
            files.add(out.toByteArray());
        }
        return files;
    }

    private static List<byte[]> read(List<String> named) {
        List<byte[]> files = new ArrayList<>();
        for (String path : ImagePaths.files(named)) {
            try {
                files.add(Files.readAllBytes(Path.of(path)));
            } catch (IOException e) {
                throw CommandFailed.because("cannot read " + path + ": " + IoReason.of(e), e);
            }
        }
        return files;
    }
}

package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Progress;
import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.Source;
import dev.moderato.schemas.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes images, and with {@code --wait} prints what became of each. */
@Command(
        name = "submit",
        description = {"Publish images for moderation; with --wait print each verdict."},
        footer = {
            "",
            "Exit code 0: published (with --wait: each image was judged); 1: something failed; 2: wrong usage.",
            "",
            "  moderato submit photo.jpg --wait",
            "  moderato submit photos/ --policy default --surface avatar --wait --json",
            "  moderato submit https://images.example.com/a.jpg"
        })
public final class SubmitCommand implements Callable<Integer> {
    /** What is left of a message for the image, once the event around it is taken off. */
    private static final int MOST_INLINE_BYTES = Topics.IMAGE_MESSAGE_BYTES - 64 * 1024;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH|URL",
            description = "Image files, folders of them, or addresses (http, https, s3, file).")
    List<String> images = List.of();

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Policy to judge by (default: ${DEFAULT-VALUE}).")
    String policy = "default";

    @Option(
            names = "--surface",
            paramLabel = "NAME",
            description = "Where the image would be shown; picks the policy's overrides.")
    @Nullable
    String surface;

    @Option(names = "--tenant", paramLabel = "NAME", description = "On whose behalf; handed through.")
    @Nullable
    String tenant;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Id of the image, when there is one (default: file name and digest).")
    @Nullable
    String id;

    @Option(names = "--wait", description = "Wait for each image's outcome and print it.")
    boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "With --wait: how long (default: ${DEFAULT-VALUE}).")
    int timeoutSeconds = 60;

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        List<String> submissions = ImagePaths.expand(images);
        if (id != null && submissions.size() > 1) {
            throw CommandFailed.wrongUsage("--id names one image, but there are " + submissions.size());
        }
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        PrintWriter out = spec.commandLine().getOut();
        try (OutcomeTail tail = wait ? OutcomeTail.fromNow(cluster) : null;
                ImagePublisher publisher = ImagePublisher.to(cluster)) {
            Set<Place> pending = new HashSet<>();
            for (String submission : submissions) {
                ImageSubmitted event = event(submission);
                RecordMetadata at = publisher.publish(event);
                pending.add(new Place(at.partition(), at.offset()));
                if (tail == null) {
                    printSubmitted(out, event, at);
                }
            }
            return tail == null ? 0 : await(tail, pending, out);
        }
    }

    private int await(OutcomeTail tail, Set<Place> pending, PrintWriter out) {
        long end = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
        int total = pending.size();
        int failed = 0;
        try (Progress progress =
                Progress.start("Moderating", total, Launch.read().terminal() && total > 20)) {
            while (!pending.isEmpty()) {
                if (System.nanoTime() > end) {
                    throw CommandFailed.because("no outcome of " + pending.size() + " of " + total + " images within "
                            + timeoutSeconds + " s. They are published; is the moderation service running?");
                }
                for (Outcome outcome : tail.poll(Duration.ofMillis(200))) {
                    if (pending.remove(Place.of(outcome.source()))) {
                        failed += outcome instanceof Outcome.Failed ? 1 : 0;
                        out.println(json ? OutcomeText.json(outcome) : OutcomeText.words(outcome));
                        out.flush();
                    }
                }
                progress.at(total - pending.size());
            }
        }
        return failed == 0 ? 0 : 1;
    }

    private ImageSubmitted event(String submission) {
        ImageSubmitted.Builder event = ImageSubmitted.newBuilder()
                .setPolicy(policy)
                .setSurface(surface)
                .setTenant(tenant)
                .setAttributes(Map.of())
                .setSubmittedAt(Instant.now());
        if (ImagePaths.isAddress(submission)) {
            ImageReference reference =
                    ImageReference.newBuilder().setUri(submission).build();
            return event.setId(id == null ? submission : id).setImage(reference).build();
        }
        Path file = Path.of(submission);
        byte[] bytes = read(file);
        String name = file.getFileName() + "-" + digest(bytes).substring(0, 8);
        return event.setId(id == null ? name : id)
                .setImage(ByteBuffer.wrap(bytes))
                .build();
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > MOST_INLINE_BYTES) {
                throw CommandFailed.because(
                        file + " is larger than " + MOST_INLINE_BYTES
                                + " bytes, the most that a message holds. Put it where the service can fetch it, and submit its address.");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private void printSubmitted(PrintWriter out, ImageSubmitted event, RecordMetadata at) {
        out.println(
                json
                        ? OutcomeText.write(OutcomeText.object()
                                .put("id", event.getId())
                                .put("topic", at.topic())
                                .put("partition", at.partition())
                                .put("offset", at.offset()))
                        : "submitted " + event.getId() + " (" + at.topic() + "-" + at.partition() + " at " + at.offset()
                                + ")");
        out.flush();
    }

    /** Where an image event lies; two submissions of one image differ in it. */
    private record Place(int partition, long offset) {
        static Place of(Source source) {
            return new Place(source.getPartition(), source.getOffset());
        }
    }
}

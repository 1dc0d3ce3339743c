package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.events.Coordinates;
import dev.moderato.events.Feedback;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModerationResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells whether a label is right for an image that was moderated: what the trainer learns from. */
@Command(
        name = "feedback",
        description = "Say whether a label is right for a moderated image; the trainer learns from it.",
        footer = {
            "",
            "  moderato feedback photo.jpg-1a2b3c4d weapons.knife absent",
            "  moderato feedback --file flags.csv"
        })
public final class FeedbackCommand implements Callable<Integer> {
    private static final Pattern LINE = Pattern.compile("(.+),([^,]+),(present|absent)\\s*");

    /** What a person can say of a label. */
    enum Judgement {
        PRESENT,
        ABSENT
    }

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ID",
            description = "Id of the image, as its result carries it.")
    @Nullable
    String id;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "LABEL",
            description = "Label of the policy, for example weapons.knife.")
    @Nullable
    String label;

    @Parameters(index = "2", arity = "0..1", paramLabel = "present|absent", description = "Whether the image shows it.")
    @Nullable
    Judgement judgement;

    @Option(
            names = "--file",
            paramLabel = "CSV",
            description = "Many at once: a line `id,label,present` or `id,label,absent` each.")
    @Nullable
    Path file;

    @Option(names = "--caption", paramLabel = "TEXT", description = "What the image shows, in your words.")
    @Nullable
    String caption;

    @Option(
            names = "--reviewer",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who says so (default: ${DEFAULT-VALUE}).")
    String reviewer = "";

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    /** What is said of one image. */
    private record Said(String id, String label, Judgement judgement) {}

    @Override
    public Integer call() throws InterruptedException {
        List<Said> all = said();
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        Map<String, ModerationResult> results =
                lastResults(cluster, all.stream().map(Said::id).collect(Collectors.toSet()));
        List<Feedback> events =
                all.stream().map(one -> event(one, cluster, results)).toList();
        try (KafkaProducer<String, Feedback> producer = cluster.feedbackProducer()) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Feedback event : events) {
                sent.add(producer.send(
                        new ProducerRecord<>(cluster.topics().feedback().name(), event.getId(), event)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw CommandFailed.because("cannot publish the feedback: " + e.getCause(), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (file == null) {
            Feedback event = events.get(0);
            out.println("noted: " + event.getLabel() + " is " + (event.getPresent() ? "present in " : "absent from ")
                    + event.getId());
        } else {
            out.println("noted: " + events.size() + " judgements");
        }
        return 0;
    }

    private List<Said> said() {
        if (file == null) {
            if (id == null || label == null || judgement == null) {
                throw CommandFailed.wrongUsage("give ID, LABEL and present or absent, or --file CSV");
            }
            return List.of(new Said(id, label, judgement));
        }
        if (id != null) {
            throw CommandFailed.wrongUsage("--file takes the place of ID, LABEL and present or absent");
        }
        List<Said> all = new ArrayList<>();
        try {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                // from the end: an id may hold commas, a label does not
                Matcher line = LINE.matcher(lines.get(i));
                if (line.matches()) {
                    all.add(new Said(
                            line.group(1),
                            line.group(2),
                            Judgement.valueOf(line.group(3).toUpperCase(Locale.ROOT))));
                } else if (!lines.get(i).isBlank()) {
                    throw CommandFailed.wrongUsage(file + ":" + (i + 1)
                            + ": write `id,label,present` or `id,label,absent`, not '" + lines.get(i) + "'");
                }
            }
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
        if (all.isEmpty()) {
            throw CommandFailed.wrongUsage(file + ": has no lines; write `id,label,present` or `id,label,absent`");
        }
        return all;
    }

    private Feedback event(Said said, Cluster cluster, Map<String, ModerationResult> results) {
        ModerationResult result = results.get(said.id());
        if (result == null) {
            throw CommandFailed.because("no result of " + said.id() + " on "
                    + cluster.topics().results().name() + ". `moderato results` lists the ids.");
        }
        LabelResult judged = result.getLabels().stream()
                .filter(one -> one.getLabel().equals(said.label()) && !one.getGroup())
                .findFirst()
                .orElseThrow(() -> CommandFailed.wrongUsage(
                        "the result of " + said.id() + " has no label " + said.label() + "; it has "
                                + String.join(
                                        ", ",
                                        result.getLabels().stream()
                                                .filter(one -> !one.getGroup())
                                                .map(LabelResult::getLabel)
                                                .toList())));
        return Feedback.newBuilder()
                .setId(said.id())
                .setImage(image(result))
                .setLabel(said.label())
                .setPresent(said.judgement() == Judgement.PRESENT)
                .setPolicy(result.getPolicy())
                .setModelId(result.getModel().getId())
                .setScore(judged.getScore())
                .setCaption(caption)
                .setReviewer(reviewer)
                .setAt(Instant.now())
                .build();
    }

    /** A reference stays one; inline bytes are named by the event that holds them. */
    private static Object image(ModerationResult result) {
        if (result.getSource().getReference() != null) {
            return result.getSource().getReference();
        }
        return Coordinates.newBuilder()
                .setTopic(result.getSource().getTopic())
                .setPartition(result.getSource().getPartition())
                .setOffset(result.getSource().getOffset())
                .build();
    }

    private static Map<String, ModerationResult> lastResults(Cluster cluster, Set<String> ids) {
        Map<String, ModerationResult> last = new HashMap<>();
        try (OutcomeTail tail = OutcomeTail.fromStart(cluster)) {
            while (!tail.readToTheEnd()) {
                for (Outcome outcome : tail.poll(Duration.ofMillis(200))) {
                    if (outcome instanceof Outcome.Judged judged && ids.contains(judged.id())) {
                        last.put(judged.id(), judged.result());
                    }
                }
            }
        }
        return last;
    }
}

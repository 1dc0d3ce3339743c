package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.events.Coordinates;
import dev.moderato.events.Feedback;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModerationResult;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
        footer = {"", "  moderato feedback photo.jpg-1a2b3c4d weapons.knife absent"})
public final class FeedbackCommand implements Callable<Integer> {
    /** What a person can say of a label. */
    enum Judgement {
        PRESENT,
        ABSENT
    }

    @Parameters(index = "0", paramLabel = "ID", description = "Id of the image, as its result carries it.")
    String id = "";

    @Parameters(index = "1", paramLabel = "LABEL", description = "Label of the policy, for example weapons.knife.")
    String label = "";

    @Parameters(index = "2", paramLabel = "present|absent", description = "Whether the image shows it.")
    Judgement judgement = Judgement.ABSENT;

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

    @Override
    public Integer call() throws InterruptedException {
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        ModerationResult result = lastResult(cluster);
        LabelResult judged = result.getLabels().stream()
                .filter(one -> one.getLabel().equals(label) && !one.getGroup())
                .findFirst()
                .orElseThrow(() ->
                        CommandFailed.wrongUsage("the result of " + id + " has no label " + label + "; it has "
                                + String.join(
                                        ", ",
                                        result.getLabels().stream()
                                                .filter(one -> !one.getGroup())
                                                .map(LabelResult::getLabel)
                                                .toList())));
        Feedback feedback = Feedback.newBuilder()
                .setId(id)
                .setImage(image(result))
                .setLabel(label)
                .setPresent(judgement == Judgement.PRESENT)
                .setPolicy(result.getPolicy())
                .setModelId(result.getModel().getId())
                .setScore(judged.getScore())
                .setCaption(caption)
                .setReviewer(reviewer)
                .setAt(Instant.now())
                .build();
        try (KafkaProducer<String, Feedback> producer = cluster.feedbackProducer()) {
            producer.send(new ProducerRecord<>(cluster.topics().feedback().name(), id, feedback))
                    .get();
        } catch (ExecutionException e) {
            throw CommandFailed.because("cannot publish the feedback: " + e.getCause(), e);
        }
        spec.commandLine()
                .getOut()
                .println("noted: " + label + " is " + (feedback.getPresent() ? "present in " : "absent from ") + id);
        return 0;
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

    private ModerationResult lastResult(Cluster cluster) {
        ModerationResult last = null;
        try (OutcomeTail tail = OutcomeTail.fromStart(cluster)) {
            while (!tail.readToTheEnd()) {
                for (Outcome outcome : tail.poll(Duration.ofMillis(200))) {
                    if (outcome instanceof Outcome.Judged judged && judged.id().equals(id)) {
                        last = judged.result();
                    }
                }
            }
        }
        if (last == null) {
            throw CommandFailed.because("no result of " + id + " on "
                    + cluster.topics().results().name() + ". `moderato results` lists the ids.");
        }
        return last;
    }
}

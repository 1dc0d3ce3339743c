package dev.moderato.trainer.runs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.bundles.BundleStore;
import dev.moderato.events.ModelReleased;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.policy.Policy;
import dev.moderato.trainer.dataset.Entry;
import dev.moderato.trainer.dataset.FeedbackIntake;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.evaluate.Report;
import dev.moderato.trainer.pairs.PairsException;
import dev.moderato.trainer.pairs.Workplace;
import dev.moderato.trainer.publish.Channel;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.train.GraphException;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingException;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service: notes flags as they come, trains when there are enough, one run at a time, and announces what passed its gate. All that
 * it knows lies in its data folder and in the committed position on the feedback topic, so that it goes on after a crash of its own; while
 * Kafka is away it waits. A failed run is reported, changes nothing, and is tried again when more flags have come in.
 */
public final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Settings settings;
    private final Journal journal;
    private final FileChannel lock;
    private final FeedbackIntake intake;
    private final Releases releases;
    private final Supplier<Policy> policy;
    private final Consumer<Event> events;
    private final Clock clock;
    private volatile boolean closing;
    private volatile boolean ended;

    /**
     * When and how to train.
     *
     * @param data folder of the journal, the sets and the reports
     * @param bundle the bundle that serves as long as none was announced
     * @param policyFolder what the images of the policy's tests are relative to
     * @param retention images whose caption is their class; null judges by what the serving bundle says of unflagged images
     * @param models folder in which candidates appear; they are announced from there, or from the store that the releases bring them to
     * @param flags a run starts when so many new ones have come in, at least 1
     * @param every or when this has passed since the last run and at least one has come in
     * @param replay unflagged images of the stream that a run sees besides
     * @param promotion makes what passed the gate active at once; null leaves it a candidate
     */
    public record Settings(
            Path data,
            Path bundle,
            Path policyFolder,
            @Nullable Path retention,
            Path models,
            Recipe recipe,
            String recipeText,
            TorchDevice device,
            int threads,
            int flags,
            Duration every,
            int replay,
            @Nullable Promotion promotion) {
        public Settings {
            if (flags < 1 || replay < 0 || every.isNegative()) {
                throw new IllegalArgumentException("flags must be at least 1, replay and every at least 0");
            }
        }
    }

    /** How a candidate becomes active. */
    @FunctionalInterface
    public interface Promotion {
        /** @throws PublishException where it stays a candidate, and why */
        void promote(ModelReleased candidate) throws PublishException;
    }

    /** What the service reports. */
    public sealed interface Event {
        /** The topic was read; so many flags wait for a run. */
        record Waiting(int flags) implements Event {}

        /** So many flags and erasures came in. */
        record Noted(int entries) implements Event {}

        /** A run begins. */
        record Started(int newFlags) implements Event {}

        /** A run ended with a report; the bundle is null where the gate was not passed. */
        record Finished(FlagTraining.Outcome outcome) implements Event {}

        /** A bundle was announced. */
        record Announced(Channel channel, String id) implements Event {}

        /** Kafka cannot be reached; the service waits for it. */
        record Unreachable(String why) implements Event {}

        /** A run, or the announcement of what came of it, did not work; the service goes on. */
        record Failed(String why) implements Event {}
    }

    /**
     * Prepares to follow.
     *
     * @param policy read anew for each run
     * @throws IOException where the data folder cannot be written, or another trainer uses it
     */
    public Follower(
            Settings settings,
            FeedbackIntake intake,
            Journal journal,
            Releases releases,
            Supplier<Policy> policy,
            Consumer<Event> events,
            Clock clock)
            throws IOException {
        this.settings = settings;
        this.intake = intake;
        this.journal = journal;
        this.releases = releases;
        this.policy = policy;
        this.events = events;
        this.clock = clock;
        this.lock =
                FileChannel.open(settings.data().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked()) {
            lock.close();
            throw new IOException(settings.data() + " is in use by another trainer; stop it, or name another folder");
        }
    }

    private boolean locked() throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // one in this very process
        }
    }

    /**
     * Follows until {@link #close}.
     *
     * @param listener hears of each run's steps
     */
    public void follow(TrainingLoop.Listener listener) throws IOException, InterruptedException {
        try {
            followOn(listener);
        } finally {
            ended = true;
        }
    }

    /** Whether {@link #follow} has not ended: not by {@link #stop}, and not by a fault that the service cannot go on after. */
    public boolean alive() {
        return !ended;
    }

    private void followOn(TrainingLoop.Listener listener) throws IOException, InterruptedException {
        while (!closing) {
            try {
                int noted = intake.poll(POLL);
                if (noted > 0) {
                    forget();
                    events.accept(new Event.Noted(noted));
                }
                Progress progress = progress();
                int fresh = flags() - progress.flags();
                events.accept(new Event.Waiting(fresh));
                if (due(fresh, progress)) {
                    run(fresh, listener);
                }
            } catch (KafkaException e) {
                events.accept(new Event.Unreachable(String.valueOf(e.getMessage())));
                Thread.sleep(RETRY.toMillis());
            }
        }
    }

    private void forget() throws IOException {
        Set<String> erased = journal.erased();
        if (!erased.isEmpty()) {
            Report.forget(FlagTraining.runs(settings.data()), erased);
        }
    }

    private boolean due(int fresh, Progress progress) {
        return fresh >= settings.flags()
                || (fresh > 0 && clock.instant().isAfter(progress.at().plus(settings.every())));
    }

    private int flags() throws IOException {
        return (int) journal.all().stream().filter(Entry.Flag.class::isInstance).count();
    }

    private void run(int fresh, TrainingLoop.Listener listener) throws IOException {
        events.accept(new Event.Started(fresh));
        int flags = flags();
        try {
            intake.replay(settings.replay());
            Policy now = policy.get();
            ModelReleased active = releases.read().in(Channel.ACTIVE);
            Path bundle = active == null ? settings.bundle() : releases.folder(active);
            FlagTraining.Outcome outcome = FlagTraining.run(
                    new FlagTraining.Request(
                            settings.data(),
                            bundle,
                            now,
                            settings.policyFolder(),
                            settings.retention(),
                            settings.recipe(),
                            settings.recipeText(),
                            settings.models(),
                            settings.device(),
                            settings.threads()),
                    listener);
            events.accept(new Event.Finished(outcome));
            announce(outcome);
        } catch (PairsException
                | BundleException
                | GraphException
                | TrainingException
                | PublishException
                | IllegalStateException e) {
            LOG.warn("a run failed", e);
            events.accept(new Event.Failed(String.valueOf(e.getMessage())));
        }
        remember(new Progress(flags, clock.instant()));
    }

    private void announce(FlagTraining.Outcome outcome) throws PublishException, IOException {
        if (outcome.candidate() == null) {
            return;
        }
        String id = outcome.candidate().id();
        Path folder = outcome.candidate().folder();
        ModelReleased candidate = releases.propose(folder);
        if (BundleStore.isRemote(candidate.getUri())) {
            Workplace.delete(folder); // whoever wants it has it from there
        }
        events.accept(new Event.Announced(Channel.CANDIDATE, id));
        if (settings.promotion() != null) {
            settings.promotion().promote(candidate);
            events.accept(new Event.Announced(Channel.ACTIVE, id));
        }
    }

    /**
     * What the last run had seen.
     *
     * @param flags in the journal then
     */
    private record Progress(int flags, Instant at) {}

    private Path progressFile() {
        return settings.data().resolve("progress.json");
    }

    private Progress progress() throws IOException {
        if (!Files.exists(progressFile())) {
            Progress start = new Progress(0, clock.instant());
            remember(start);
            return start;
        }
        var json = JSON.readTree(progressFile().toFile());
        return new Progress(
                json.get("flags").asInt(), Instant.parse(json.get("at").asText()));
    }

    private void remember(Progress progress) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("flags", progress.flags());
        json.put("at", progress.at().toString());
        Path draft = settings.data().resolve("progress.json.part");
        Files.writeString(draft, json.toString());
        Files.move(draft, progressFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Asks {@link #follow} to end after what it is doing. */
    public void stop() {
        closing = true;
    }

    @Override
    public void close() throws IOException {
        stop();
        intake.close();
        lock.close();
    }
}

package dev.moderato.streams.emit;

import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.streams.emit.PreCommitDrain.Origin;
import dev.moderato.streams.judge.Content;
import dev.moderato.streams.judge.FailureReason;
import dev.moderato.streams.judge.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Hands images to the pipeline without waiting for them and sends what became of them, in order. The stream thread alone
 * forwards: when the next image comes, every few milliseconds while images are in work, and before each commit, where it
 * waits for all of them. After a fault nothing is sent or committed any more until the task starts anew.
 */
final class ModerationProcessor implements Processor<String, ImageSubmitted, String, SpecificRecord> {
    private static final Duration LOOK = Duration.ofMillis(5);
    /** What an image in work holds beside its event: crops and bookkeeping. */
    private static final long OVERHEAD = 256 << 10;

    private final OutputNames outputs;
    private final Intake intake;
    private final OutcomeEvents events;
    private final OutcomeListener listener;
    private final PendingRing<ImageRecord, Outcome> ring;
    private @Nullable PreCommitDrain drain;
    private @Nullable ProcessorContext<String, SpecificRecord> context;
    private @Nullable Cancellable look;
    private @Nullable RuntimeException failed;

    ModerationProcessor(
            OutputNames outputs,
            Intake intake,
            OutcomeEvents events,
            OutcomeListener listener,
            int capacity,
            Duration patience) {
        this.outputs = outputs;
        this.intake = intake;
        this.events = events;
        this.listener = listener;
        this.ring = new PendingRing<>(capacity, patience, this::send);
    }

    /** Also called on a task that is revived: what was in work belongs to offsets that will be read again. */
    @Override
    public void init(ProcessorContext<String, SpecificRecord> processorContext) {
        ring.discard();
        failed = null;
        context = processorContext;
        PreCommitDrain store = processorContext.getStateStore(outputs.drain());
        store.attach(processorContext, () -> latched(ring::drain));
        drain = store;
    }

    @Override
    public void process(Record<String, ImageSubmitted> record) {
        latched(() -> {
            ring.makeRoom();
            accept(record);
            ring.sendFinished();
            lookAgain();
        });
    }

    @Override
    public void close() {
        ring.discard();
        if (look != null) {
            look.cancel();
            look = null;
        }
        if (drain != null) {
            drain.detach();
        }
    }

    private void accept(Record<String, ImageSubmitted> record) {
        Origin origin = store().origin();
        ImageSubmitted event = record.value();
        String key = record.key();
        String id = event == null ? "" : event.getId();
        String problem = event == null
                ? "the record has no value"
                : id.isBlank()
                        ? "the event has no id"
                        : key != null && !key.equals(id)
                                ? "the id '" + id + "' is not the record's key '" + key + "'"
                                : null;
        ImageRecord remembered = new ImageRecord(
                origin,
                problem == null ? id : origin.topic() + "-" + origin.partition() + "-" + origin.offset(),
                id,
                event == null ? "" : event.getPolicy(),
                event == null ? null : event.getSurface(),
                event == null ? null : event.getTenant(),
                event != null && event.getImage() instanceof ImageReference reference ? reference : null,
                event == null ? Instant.ofEpochMilli(record.timestamp()) : event.getSubmittedAt(),
                record.timestamp(),
                record.headers());
        if (problem != null || event == null) {
            FailureReason reason = id.isBlank() ? FailureReason.BLANK_ID : FailureReason.ID_CONFLICT;
            Outcome.Failed outcome = new Outcome.Failed(reason, String.valueOf(problem), null, null);
            ring.add(remembered, CompletableFuture.completedFuture(outcome));
            return;
        }
        Content content = content(event);
        long size = content instanceof Content.Inline inline ? inline.bytes().remaining() : 0;
        ring.add(remembered, intake.submit(content, 2 * size + OVERHEAD, event.getPolicy(), event.getSurface()));
    }

    private static Content content(ImageSubmitted event) {
        if (event.getImage() instanceof ImageReference reference) {
            return new Content.Reference(reference.getUri(), reference.getSha256());
        }
        return new Content.Inline((ByteBuffer) event.getImage());
    }

    private void send(ImageRecord record, Outcome outcome) {
        if (outcome instanceof Outcome.Moderated moderated) {
            forward(record, events.result(record, moderated), outputs.results());
            forward(record, events.embedding(record, moderated), outputs.embeddings());
        } else if (outcome instanceof Outcome.Failed failure) {
            forward(record, events.failure(record, failure), outputs.failures());
        }
        listener.sent(record.id(), record.headers(), outcome, System.currentTimeMillis() - record.timestamp());
    }

    private void forward(ImageRecord record, SpecificRecord event, String child) {
        store().forward(
                        record.origin(),
                        new Record<>(record.key(), event, record.timestamp(), record.headers()),
                        child);
    }

    /** Looks for finished images while there are any in work, and only then: an idle task has nothing to commit. */
    private void lookAgain() {
        ProcessorContext<String, SpecificRecord> current = context;
        if (look == null && !ring.isEmpty() && current != null) {
            look = current.schedule(
                    LOOK,
                    PunctuationType.WALL_CLOCK_TIME,
                    now -> latched(() -> {
                        ring.sendFinished();
                        if (ring.isEmpty() && look != null) {
                            look.cancel();
                            look = null;
                        }
                    }));
        }
    }

    private void latched(Runnable step) {
        if (failed != null) {
            throw new StreamsException("this task failed before: nothing is sent until it starts anew", failed);
        }
        try {
            step.run();
        } catch (TimeoutException | TaskCorruptedException e) {
            // Streams would close the task as corrupted and go on with its neighbours' transaction: images would be
            // lost
            StreamsException fault = new StreamsException("sending failed: " + e.getMessage(), e);
            failed = fault;
            throw fault;
        } catch (RuntimeException e) {
            failed = e;
            throw e;
        }
    }

    private PreCommitDrain store() {
        PreCommitDrain store = drain;
        if (store == null) {
            throw new IllegalStateException("the processor is not initialised");
        }
        return store;
    }
}

package dev.moderato.streams.emit;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageFacts;
import dev.moderato.events.ImageFormat;
import dev.moderato.events.ModelRef;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Origin;
import dev.moderato.events.PolicyRef;
import dev.moderato.events.Source;
import dev.moderato.events.StageTimings;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.streams.judge.Outcome;
import dev.moderato.streams.judge.Timings;
import dev.moderato.streams.models.ModelIdentity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Writes outcomes as events. */
final class OutcomeEvents {
    private final Clock clock;

    OutcomeEvents(Clock clock) {
        this.clock = clock;
    }

    ModerationResult result(ImageRecord record, Outcome.Moderated moderated) {
        return ModerationResult.newBuilder()
                .setId(record.id())
                .setVerdict(DecisionEvents.verdict(moderated.decision().verdict()))
                .setLabels(DecisionEvents.labels(moderated.decision().labels()))
                .setPolicy(new PolicyRef(moderated.policy(), moderated.policyVersion()))
                .setSurface(record.surface())
                .setTenant(record.tenant())
                .setModel(model(moderated.model()))
                .setImage(facts(moderated.image()))
                .setSource(source(record))
                .setOrigin(Origin.LIVE)
                .setSupersedes(null)
                .setTimings(timings(moderated.timings()))
                .setCached(moderated.cached())
                .setProcessedAt(now())
                .build();
    }

    ImageEmbedding embedding(ImageRecord record, Outcome.Moderated moderated) {
        List<ByteBuffer> vectors = new ArrayList<>(moderated.frames().size());
        moderated.frames().forEach(frame -> vectors.add(littleEndian(frame)));
        return ImageEmbedding.newBuilder()
                .setId(record.id())
                .setModel(model(moderated.model()))
                .setImage(facts(moderated.image()))
                .setVectors(vectors)
                .setPolicy(record.policy())
                .setSurface(record.surface())
                .setTenant(record.tenant())
                .setTrace(trace(record))
                .setSubmittedAt(record.submittedAt())
                .setSource(source(record))
                .build();
    }

    ModerationFailure failure(ImageRecord record, Outcome.Failed failed) {
        return ModerationFailure.newBuilder()
                .setId(record.id())
                .setReason(dev.moderato.events.FailureReason.valueOf(
                        failed.reason().name()))
                .setDetail(failed.detail())
                .setSource(source(record))
                .setPolicy(record.policy())
                .setSurface(record.surface())
                .setTenant(record.tenant())
                .setSha256(failed.sha256())
                .setSize(failed.size())
                .setProcessedAt(now())
                .build();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static ModelRef model(ModelIdentity model) {
        return new ModelRef(model.id(), model.sha256());
    }

    private static ImageFacts facts(dev.moderato.streams.judge.ImageFacts image) {
        return new ImageFacts(
                image.sha256(),
                image.info().width(),
                image.info().height(),
                ImageFormat.valueOf(image.info().format().name()),
                image.info().frames());
    }

    private static Source source(ImageRecord record) {
        return new Source(
                record.origin().topic(),
                record.origin().partition(),
                record.origin().offset(),
                record.reference());
    }

    private static StageTimings timings(Timings timings) {
        return new StageTimings(
                micros(timings.fetch()),
                micros(timings.decode()),
                micros(timings.waiting()),
                micros(timings.encode()),
                micros(timings.score()),
                micros(timings.total()));
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    private static ByteBuffer littleEndian(Embedding embedding) {
        short[] halfs = embedding.halfs();
        ByteBuffer bytes = ByteBuffer.allocate(2 * halfs.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(halfs);
        return bytes;
    }

    private static @Nullable String trace(ImageRecord record) {
        Header header = record.headers().lastHeader("traceparent");
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
    }
}

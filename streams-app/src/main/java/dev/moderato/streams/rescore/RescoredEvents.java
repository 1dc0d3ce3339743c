package dev.moderato.streams.rescore;

import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Origin;
import dev.moderato.events.PolicyRef;
import dev.moderato.events.StageTimings;
import dev.moderato.events.Superseded;
import dev.moderato.inference.policy.Decision;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.streams.emit.DecisionEvents;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Results of stored embeddings as records of the results topic. */
final class RescoredEvents {
    private static final StageTimings NO_STAGES = new StageTimings(0L, 0L, 0L, 0L, 0L, 0L);

    private final String topic;
    private final PolicyRef policy;
    private final @Nullable PolicyRef before;
    private final Clock clock;

    /** @param before the policy that the results supersede; null where none is known */
    RescoredEvents(String topic, Policy policy, @Nullable Policy before, Clock clock) {
        this.topic = topic;
        this.policy = new PolicyRef(policy.name(), policy.version());
        this.before = before == null ? null : new PolicyRef(before.name(), before.version());
        this.clock = clock;
    }

    ProducerRecord<String, ModerationResult> record(ImageEmbedding image, Decision decision, Verdict verdictBefore) {
        ModerationResult result = ModerationResult.newBuilder()
                .setId(image.getId())
                .setVerdict(DecisionEvents.verdict(decision.verdict()))
                .setLabels(DecisionEvents.labels(decision.labels()))
                .setPolicy(policy)
                .setSurface(image.getSurface())
                .setTenant(image.getTenant())
                .setModel(image.getModel())
                .setImage(image.getImage())
                .setSource(image.getSource())
                .setOrigin(Origin.RESCORE)
                .setSupersedes(before == null ? null : new Superseded(before, DecisionEvents.verdict(verdictBefore)))
                .setTimings(NO_STAGES)
                .setCached(false)
                .setProcessedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .build();
        ProducerRecord<String, ModerationResult> record = new ProducerRecord<>(topic, image.getId(), result);
        if (image.getTrace() != null) {
            record.headers().add("traceparent", image.getTrace().getBytes(StandardCharsets.US_ASCII));
        }
        return record;
    }
}

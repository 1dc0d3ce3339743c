package dev.moderato.schemas;

import dev.moderato.events.Coordinates;
import dev.moderato.events.FailureReason;
import dev.moderato.events.Feedback;
import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageFacts;
import dev.moderato.events.ImageFormat;
import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModelRef;
import dev.moderato.events.ModelReleased;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Origin;
import dev.moderato.events.PolicyPublished;
import dev.moderato.events.PolicyRef;
import dev.moderato.events.Source;
import dev.moderato.events.StageTimings;
import dev.moderato.events.Superseded;
import dev.moderato.events.Thresholds;
import dev.moderato.events.Verdict;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One of each event, with every field set. */
final class Examples {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");
    private static final PolicyRef POLICY = new PolicyRef("default", "4be1");
    private static final ModelRef MODEL = new ModelRef("demo-v1", "ab".repeat(32));
    private static final ImageReference REFERENCE = new ImageReference("https://example.org/a.jpg", "cd".repeat(32));
    private static final ImageFacts FACTS = new ImageFacts("ef".repeat(32), 640, 480, ImageFormat.WEBP, 3);
    private static final Source SOURCE = new Source("moderation.images", 5, 42L, REFERENCE);

    private Examples() {}

    static ImageSubmitted image() {
        return new ImageSubmitted(
                "a", bytes(1, 2, 3), "image/jpeg", "default", "avatar", "acme", NOON, Map.of("album", "7"));
    }

    static ImageSubmitted reference() {
        return ImageSubmitted.newBuilder()
                .setId("a")
                .setImage(REFERENCE)
                .setSubmittedAt(NOON)
                .build();
    }

    static ModerationResult result() {
        LabelResult label = new LabelResult(
                "weapons.knife",
                0.91,
                new Thresholds(0.55, 0.85),
                Verdict.BLOCK,
                "hide",
                false,
                false,
                "a knife",
                "a spoon",
                0.031,
                true);
        return ModerationResult.newBuilder()
                .setId("a")
                .setVerdict(Verdict.BLOCK)
                .setLabels(List.of(label))
                .setPolicy(POLICY)
                .setSurface("avatar")
                .setTenant("acme")
                .setModel(MODEL)
                .setImage(FACTS)
                .setSource(SOURCE)
                .setOrigin(Origin.RESCORE)
                .setSupersedes(new Superseded(new PolicyRef("default", "11aa"), Verdict.ALLOW))
                .setTimings(new StageTimings(1L, 2L, 3L, 4L, 5L, 15L))
                .setCached(true)
                .setProcessedAt(NOON)
                .build();
    }

    static ModerationFailure failure() {
        return new ModerationFailure(
                "a",
                FailureReason.TRUNCATED,
                "ends at byte 3",
                SOURCE,
                "default",
                "avatar",
                "acme",
                "ef".repeat(32),
                3L,
                NOON);
    }

    static ImageEmbedding embedding() {
        return new ImageEmbedding(
                "a",
                MODEL,
                FACTS,
                List.of(bytes(0, 60), bytes(0, 56)),
                "default",
                "avatar",
                "acme",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                NOON,
                SOURCE);
    }

    static Feedback feedback() {
        Coordinates image = new Coordinates("moderation.images", 5, 42L);
        return new Feedback("a", image, "weapons.knife", true, POLICY, "demo-v1", 0.4, "a bread knife", "kim", NOON);
    }

    static PolicyPublished policy() {
        return new PolicyPublished("default", "4be1", "policy: default\n", "11aa", "kim", NOON);
    }

    static ModelReleased model() {
        return new ModelReleased(
                "demo-v1", "file:///models/demo-v1", "ab".repeat(32), "demo-v0", Map.of("auc", 0.97), NOON);
    }

    private static ByteBuffer bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteBuffer.wrap(bytes);
    }
}

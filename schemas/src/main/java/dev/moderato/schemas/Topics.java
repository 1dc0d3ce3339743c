package dev.moderato.schemas;

import dev.moderato.schemas.Topic.Cleanup;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The topic catalogue: every topic of one installation, in one place.
 *
 * @param prefix what every name begins with, for example {@code moderation}
 * @param partitions of the topics that carry images and what is made of them; the two small ones have one
 */
public record Topics(String prefix, int partitions) {
    public static final String DEFAULT_PREFIX = "moderation";
    public static final int DEFAULT_PARTITIONS = 8;

    /** Limit of the topics that carry image bytes; larger images are sent by reference. */
    public static final int IMAGE_MESSAGE_BYTES = 8 * 1024 * 1024;

    /** Kafka's own default: 1 MiB of records and the head of their batch. */
    private static final int MESSAGE_BYTES = 1_048_588;

    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1,200}");

    public Topics {
        if (!LEGAL.matcher(prefix).matches()) {
            throw new IllegalArgumentException("The topic prefix \"" + prefix
                    + "\" is not usable: Kafka takes up to 200 letters, digits, '.', '_' and '-'.");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("Topics need at least 1 partition, not " + partitions + ".");
        }
    }

    public Topics(String prefix) {
        this(prefix, DEFAULT_PARTITIONS);
    }

    /** The catalogue with the default prefix and partitions. */
    public static Topics defaults() {
        return new Topics(DEFAULT_PREFIX);
    }

    /** {@link dev.moderato.events.ImageSubmitted} by image id. Kept long enough to reprocess, and to train on feedback. */
    public Topic images() {
        return byTime("images", 7, IMAGE_MESSAGE_BYTES);
    }

    /** {@link dev.moderato.events.ModerationResult} by image id. */
    public Topic results() {
        return byTime("results", 30, MESSAGE_BYTES);
    }

    /** {@link dev.moderato.events.ModerationFailure} by image id. */
    public Topic failures() {
        return byTime("failures", 30, MESSAGE_BYTES);
    }

    /** {@link dev.moderato.events.ImageEmbedding} by image id: the last one of each image. */
    public Topic embeddings() {
        return topic("embeddings", partitions, Cleanup.COMPACT_AND_TIME, 90, MESSAGE_BYTES);
    }

    /** {@link dev.moderato.events.Feedback} by image id. May carry image bytes. */
    public Topic feedback() {
        return byTime("feedback", 365, IMAGE_MESSAGE_BYTES);
    }

    /** {@link dev.moderato.events.PolicyPublished} by {@code name} and {@code name@version}. */
    public Topic policies() {
        return compacted("policies");
    }

    /** {@link dev.moderato.events.ModelReleased} by channel and {@code bundle@id}. */
    public Topic models() {
        return compacted("models");
    }

    /** Records of the images topic that are not an {@link dev.moderato.events.ImageSubmitted}, as they came. */
    public Topic deadLetters() {
        return byTime("dead-letters", 30, IMAGE_MESSAGE_BYTES);
    }

    /** The whole catalogue. */
    public List<Topic> all() {
        return List.of(images(), results(), failures(), embeddings(), feedback(), policies(), models(), deadLetters());
    }

    private Topic byTime(String name, int days, int maxMessageBytes) {
        return topic(name, partitions, Cleanup.TIME, days, maxMessageBytes);
    }

    private Topic compacted(String name) {
        return new Topic(prefix + "." + name, 1, Cleanup.COMPACT, null, MESSAGE_BYTES);
    }

    private Topic topic(String name, int count, Cleanup cleanup, int days, int maxMessageBytes) {
        return new Topic(prefix + "." + name, count, cleanup, Duration.ofDays(days), maxMessageBytes);
    }
}

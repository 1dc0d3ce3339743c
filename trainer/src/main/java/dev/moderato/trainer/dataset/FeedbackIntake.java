package dev.moderato.trainer.dataset;

import dev.moderato.content.ContentFetcher;
import dev.moderato.content.ContentRules;
import dev.moderato.content.ContentUnavailable;
import dev.moderato.events.Coordinates;
import dev.moderato.events.Feedback;
import dev.moderato.events.ImageReference;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what people said on the feedback topic into a journal, with the images: from the event itself, by reference under the stream's
 * own rules, or from the images topic. Goes on from the group's committed position, which follows the journal: after a crash a flag may
 * be noted twice, and never lost. A null value under an image's id erases that image. Used by one thread.
 */
public final class FeedbackIntake implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FeedbackIntake.class);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Journal journal;
    private final Topics topics;
    private final KafkaConsumer<String, Feedback> feedback;
    private final KafkaConsumer<String, ImageSubmitted> images;
    private final ContentFetcher fetcher;

    /**
     * Subscribes.
     *
     * @param client Kafka client properties, with {@code schema.registry.url}
     * @param rules what references may be fetched
     */
    public FeedbackIntake(Journal journal, Map<String, Object> client, Topics topics, ContentRules rules) {
        this.journal = journal;
        this.topics = topics;
        this.fetcher = ContentFetcher.create(rules);
        EventSerdes serdes = EventSerdes.with(client);
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        this.images = consumer(settings, serdes.images().deserializer());
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, topics.prefix() + ".trainer");
        this.feedback = consumer(settings, serdes.feedback().deserializer());
        feedback.subscribe(List.of(topics.feedback().name()));
    }

    private static <T> KafkaConsumer<String, T> consumer(Map<String, Object> settings, Deserializer<T> values) {
        return new KafkaConsumer<>(settings, new StringDeserializer(), values);
    }

    /**
     * Notes what has come in since the last call.
     *
     * @param patience how long to wait where nothing has
     * @return how many entries were added to the journal
     */
    public int poll(Duration patience) throws IOException {
        List<Entry> entries = new ArrayList<>();
        ConsumerRecords<String, Feedback> records = read(patience);
        for (ConsumerRecord<String, Feedback> record : records) {
            // Nothing under no id says nothing.
            if (record.value() != null || record.key() != null) {
                entries.add(entry(record));
            }
        }
        if (!records.isEmpty()) {
            journal.append(entries);
            feedback.commitSync(ANSWER);
        }
        return entries.size();
    }

    /** An event that cannot be read says nothing: it is reported and passed over. */
    private ConsumerRecords<String, Feedback> read(Duration patience) {
        try {
            return feedback.poll(patience);
        } catch (RecordDeserializationException e) {
            LOG.warn(
                    "{} offset {} is no judgement and is passed over: {}",
                    e.topicPartition(),
                    e.offset(),
                    e.toString());
            feedback.seek(e.topicPartition(), e.offset() + 1);
            return ConsumerRecords.empty();
        }
    }

    private Entry entry(ConsumerRecord<String, Feedback> record) throws IOException {
        Feedback said = record.value();
        if (said == null) {
            return new Entry.Erased(record.key());
        }
        try {
            return new Entry.Flag(
                    said.getId(),
                    journal.store(image(said.getId(), said.getImage())),
                    said.getLabel(),
                    said.getPresent(),
                    said.getCaption());
        } catch (ContentUnavailable e) {
            return new Entry.Unavailable(said.getId(), e.reason() + ": " + e.getMessage());
        } catch (ExpiredException e) {
            return new Entry.Unavailable(said.getId(), String.valueOf(e.getMessage()));
        }
    }

    private byte[] image(String id, Object image) throws ContentUnavailable, ExpiredException {
        if (image instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        }
        if (image instanceof ImageReference reference) {
            return fetcher.fetch(reference.getUri(), reference.getSha256());
        }
        Coordinates at = (Coordinates) image;
        ImageSubmitted event = event(at);
        if (!event.getId().equals(id)) {
            throw new ExpiredException(shown(at) + " is the image " + event.getId() + ", not " + id);
        }
        return image(id, event.getImage());
    }

    private ImageSubmitted event(Coordinates at) throws ExpiredException {
        if (!at.getTopic().equals(topics.images().name())) {
            throw new ExpiredException(
                    shown(at) + " does not lie on " + topics.images().name());
        }
        TopicPartition partition = new TopicPartition(at.getTopic(), at.getPartition());
        images.assign(List.of(partition));
        long first = images.beginningOffsets(List.of(partition), ANSWER).getOrDefault(partition, Long.MAX_VALUE);
        long end = images.endOffsets(List.of(partition), ANSWER).getOrDefault(partition, 0L);
        if (at.getOffset() < first || at.getOffset() >= end) {
            throw new ExpiredException(shown(at) + " has expired: the topic holds " + first + " to " + (end - 1));
        }
        images.seek(partition, at.getOffset());
        while (images.position(partition) <= at.getOffset()) {
            for (ConsumerRecord<String, ImageSubmitted> record : images.poll(ANSWER)) {
                if (record.offset() == at.getOffset()) {
                    return record.value();
                }
                throw new ExpiredException(shown(at) + " was removed");
            }
        }
        throw new ExpiredException(shown(at) + " was removed");
    }

    private static String shown(Coordinates at) {
        return at.getTopic() + "-" + at.getPartition() + " offset " + at.getOffset();
    }

    /**
     * Notes the latest images of the stream that nobody flagged, so that a run can see what must not change.
     *
     * @param wanted how many the journal should hold
     * @return how many were added
     */
    public int replay(int wanted) throws IOException {
        Set<String> known = new HashSet<>();
        int held = 0;
        for (Entry entry : journal.all()) {
            known.add(entry.id());
            held += entry instanceof Entry.Replay ? 1 : 0;
        }
        List<Entry> entries = new ArrayList<>();
        List<TopicPartition> partitions = images.partitionsFor(topics.images().name(), ANSWER).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        int share = (wanted - held + partitions.size() - 1) / partitions.size();
        for (TopicPartition partition : partitions) {
            if (share > 0) {
                replay(partition, share, known, entries);
            }
        }
        journal.append(entries);
        return entries.size();
    }

    private void replay(TopicPartition partition, int share, Set<String> known, List<Entry> entries)
            throws IOException {
        images.assign(List.of(partition));
        long end = images.endOffsets(List.of(partition), ANSWER).getOrDefault(partition, 0L);
        long first = images.beginningOffsets(List.of(partition), ANSWER).getOrDefault(partition, end);
        // Some are flagged, or known already: twice as many are looked at.
        images.seek(partition, Math.max(first, end - 2L * share));
        int taken = 0;
        while (taken < share && images.position(partition) < end) {
            for (ConsumerRecord<String, ImageSubmitted> record : images.poll(Duration.ofMillis(500))) {
                if (taken < share
                        && record.value() != null
                        && known.add(record.value().getId())) {
                    taken += note(record.value(), entries);
                }
            }
        }
    }

    private int note(ImageSubmitted event, List<Entry> entries) throws IOException {
        try {
            entries.add(new Entry.Replay(event.getId(), journal.store(image(event.getId(), event.getImage()))));
            return 1;
        } catch (ContentUnavailable | ExpiredException e) {
            return 0; // another image of the stream will do
        }
    }

    @Override
    public void close() {
        feedback.close();
        images.close();
        fetcher.close();
    }

    /** An image that the images topic does not hold any more. */
    private static final class ExpiredException extends Exception {
        private static final long serialVersionUID = 1;

        ExpiredException(String message) {
            super(message);
        }
    }
}

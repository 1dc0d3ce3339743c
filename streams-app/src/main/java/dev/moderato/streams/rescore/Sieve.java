package dev.moderato.streams.rescore;

import dev.moderato.events.ImageEmbedding;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Keeps the embeddings that can and shall be judged, and counts the others by reason. For one thread. */
final class Sieve {
    private final Selection selection;
    private final int embeddingSize;
    private final Deserializer<ImageEmbedding> values;
    private Tally tally = Tally.NONE;

    Sieve(Selection selection, int embeddingSize, Deserializer<ImageEmbedding> values) {
        this.selection = selection;
        this.embeddingSize = embeddingSize;
        this.values = values;
    }

    Tally tally() {
        return tally;
    }

    /** What of the records is to be judged, in their order. */
    List<StoredImage> keep(Iterable<ConsumerRecord<byte[], byte[]>> records, KeyTail keys) {
        List<StoredImage> kept = new ArrayList<>();
        long read = 0;
        long otherPolicy = 0;
        long otherModel = 0;
        long superseded = 0;
        long unreadable = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            read++;
            if (record.value() == null || record.timestamp() < selection.since().toEpochMilli()) {
                continue;
            }
            if (keys.hasLater(record)) {
                superseded++;
                continue;
            }
            StoredImage image;
            try {
                image = StoredImage.of(values.deserialize(record.topic(), record.value()));
            } catch (SerializationException e) {
                unreadable++;
                continue;
            }
            if (selection.policy() != null
                    && !selection.policy().equals(image.event().getPolicy())) {
                otherPolicy++;
            } else if (!selection.modelSha256().equals(image.event().getModel().getSha256())) {
                otherModel++;
            } else if (!image.fits(embeddingSize)) {
                unreadable++;
            } else {
                kept.add(image);
            }
        }
        tally = tally.plus(new Tally(read, 0, 0, otherPolicy, otherModel, superseded, 0, unreadable));
        return kept;
    }
}

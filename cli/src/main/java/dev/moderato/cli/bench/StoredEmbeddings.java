package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Progress;
import dev.moderato.events.ImageEmbedding;
import dev.moderato.events.ImageFacts;
import dev.moderato.events.ImageFormat;
import dev.moderato.events.ModelRef;
import dev.moderato.events.Source;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Fills the embeddings topic with random unit vectors, each under an id of its own. */
record StoredEmbeddings(long count, int size, ModelRef model, String policy) {
    /** Vectors are sums of two of these: cheap, and as good as random ones for counting. */
    private static final int BASES = 2048;

    void write(Topics topics, String bootstrap, EventSerdes serdes, Progress progress) {
        float[][] bases = bases();
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                bootstrap,
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                512 << 10,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                64L << 20);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<String, ImageEmbedding> producer = new KafkaProducer<>(
                config, new StringSerializer(), serdes.embeddings().serializer())) {
            for (long i = 0; i < count && failure.get() == null; i++) {
                ImageEmbedding event = event(i, bases);
                var unused = producer.send(
                        new ProducerRecord<>(topics.embeddings().name(), event.getId(), event), (at, problem) -> {
                            if (problem != null) {
                                failure.compareAndSet(null, problem);
                            }
                        });
                if (i % 1000 == 0) {
                    progress.at(i);
                }
            }
        }
        Exception problem = failure.get();
        if (problem != null) {
            throw CommandFailed.because("cannot fill the embeddings topic: " + problem.getMessage(), problem);
        }
    }

    private float[][] bases() {
        SplittableRandom random = new SplittableRandom(1);
        float[][] bases = new float[BASES][size];
        for (float[] base : bases) {
            for (int i = 0; i < size; i++) {
                base[i] = (float) random.nextGaussian();
            }
        }
        return bases;
    }

    private ImageEmbedding event(long index, float[][] bases) {
        SplittableRandom random = new SplittableRandom(index);
        float[] one = bases[random.nextInt(BASES)];
        float[] other = bases[random.nextInt(BASES)];
        double weight = random.nextDouble();
        float[] unit = new float[size];
        double squares = 0;
        for (int i = 0; i < size; i++) {
            unit[i] = (float) (one[i] + weight * other[i]);
            squares += unit[i] * unit[i];
        }
        float scale = (float) (1 / Math.sqrt(squares));
        for (int i = 0; i < size; i++) {
            unit[i] *= scale;
        }
        String id = "image-" + index;
        return ImageEmbedding.newBuilder()
                .setId(id)
                .setModel(model)
                .setImage(new ImageFacts("0".repeat(64), 640, 480, ImageFormat.JPEG, 1))
                .setVectors(List.of(bytes(Embedding.ofUnit(unit))))
                .setPolicy(policy)
                .setSubmittedAt(Instant.ofEpochMilli(1_750_000_000_000L + index))
                .setSource(new Source("bench.images", 0, index, null))
                .build();
    }

    private static ByteBuffer bytes(Embedding embedding) {
        short[] halfs = embedding.halfs();
        ByteBuffer bytes = ByteBuffer.allocate(Short.BYTES * halfs.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(halfs);
        return bytes;
    }
}

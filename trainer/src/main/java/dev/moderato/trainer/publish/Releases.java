package dev.moderato.trainer.publish;

import dev.moderato.bundles.BundleStore;
import dev.moderato.bundles.StoreException;
import dev.moderato.events.ModelReleased;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The models topic: what is active, what waits to be promoted, and every bundle that was ever released. A bundle is verified, file by
 * file, before it is announced.
 */
public final class Releases {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Map<String, Object> client;
    private final String topic;
    private final BundleStore store;

    /**
     * The topic, and where its bundles lie.
     *
     * @param client Kafka client properties, with {@code schema.registry.url}
     */
    public Releases(Map<String, Object> client, Topics topics, BundleStore store) {
        this.client = Map.copyOf(client);
        this.topic = topics.models().name();
        this.store = store;
    }

    /**
     * What the topic says.
     *
     * @param channels the bundle of each channel that has one
     * @param archive every released bundle by id, in the order of their first release
     */
    public record State(Map<Channel, ModelReleased> channels, Map<String, ModelReleased> archive) {
        /** The bundle of a channel, or null. */
        public @Nullable ModelReleased in(Channel channel) {
            return channels.get(channel);
        }
    }

    /** Brings a bundle to where every instance of the service finds it, then announces it as a candidate. */
    public ModelReleased propose(Path folder) throws PublishException {
        ModelBundle bundle = bundle(folder);
        try {
            return announce(Channel.CANDIDATE, released(bundle, store.publish(bundle)));
        } catch (StoreException e) {
            throw notBrought(folder, e);
        }
    }

    /**
     * A released bundle.
     *
     * @param id of the bundle; null takes the candidate
     * @throws PublishException where there is none
     */
    public ModelReleased find(@Nullable String id) throws PublishException {
        State state = read();
        ModelReleased found =
                id == null ? state.in(Channel.CANDIDATE) : state.archive().get(id);
        if (found == null) {
            throw new PublishException(
                    id == null
                            ? topic + " has no candidate; a run that passes its gate announces one"
                            : topic + " has no bundle " + id + ", only "
                                    + state.archive().keySet());
        }
        return found;
    }

    /**
     * Makes a bundle the active one.
     *
     * @throws PublishException where what lies at its address is not what was released
     */
    public ModelReleased activate(ModelReleased bundle) throws PublishException {
        return announce(Channel.ACTIVE, verified(bundle));
    }

    /**
     * A released bundle's folder on this machine, with what was released.
     *
     * @throws PublishException where it cannot be had
     */
    public Path folder(ModelReleased released) throws PublishException {
        try {
            return store.fetch(released.getUri(), released.getSha256());
        } catch (StoreException e) {
            throw new PublishException(e.getMessage() + "; nothing was changed", e);
        }
    }

    /**
     * The parent of the active bundle.
     *
     * @param parentFolder where the parent lies if it was never released, as the bundle that the service was started with; null for
     *     nowhere
     * @throws PublishException where nothing is active, it has no parent, or the parent is not found
     */
    public ModelReleased parentOfActive(@Nullable Path parentFolder) throws PublishException {
        State state = read();
        ModelReleased active = state.in(Channel.ACTIVE);
        if (active == null) {
            throw new PublishException(
                    topic + " has no active bundle: the service runs the one that it was started with");
        }
        String parent = active.getParent();
        if (parent == null) {
            throw new PublishException("the active bundle " + active.getId()
                    + " has no parent to go back to; activate another" + " with `train promote ID`, one of "
                    + state.archive().keySet());
        }
        ModelReleased before = state.archive().get(parent);
        if (before != null) {
            return before;
        }
        if (parentFolder == null) {
            throw new PublishException("the parent " + parent
                    + " of the active bundle was never released here; name its folder" + " with --bundle");
        }
        ModelBundle given = bundle(parentFolder);
        if (!given.id().equals(parent)) {
            throw new PublishException(
                    parentFolder + " is " + given.id() + ", the active bundle's parent is " + parent);
        }
        try {
            return released(given, store.publishBeside(active.getUri(), given));
        } catch (StoreException e) {
            throw notBrought(parentFolder, e);
        }
    }

    private static PublishException notBrought(Path folder, StoreException why) {
        return new PublishException(
                folder + " could not be brought to where the service finds it: " + why.getMessage()
                        + "; nothing was announced",
                why);
    }

    private static ModelReleased released(ModelBundle bundle, String address) {
        return ModelReleased.newBuilder()
                .setId(bundle.id())
                .setUri(address)
                .setSha256(bundle.sha256())
                .setParent(bundle.manifest().provenance().parent())
                .setMetrics(bundle.manifest().provenance().metrics())
                .setAt(Instant.now())
                .build();
    }

    private ModelReleased verified(ModelReleased wanted) throws PublishException {
        ModelBundle bundle = bundle(folder(wanted));
        if (!bundle.sha256().equals(wanted.getSha256())) {
            throw new PublishException(wanted.getUri() + " has sha256 " + bundle.sha256() + ", released was "
                    + wanted.getSha256() + "; nothing was changed");
        }
        return ModelReleased.newBuilder(wanted).setAt(Instant.now()).build();
    }

    private static ModelBundle bundle(Path folder) throws PublishException {
        try {
            return ModelBundle.read(folder);
        } catch (BundleException e) {
            throw new PublishException(e.getMessage() + "; nothing was changed", e);
        }
    }

    /** The archive first: a channel never names a bundle that the archive does not have. */
    private ModelReleased announce(Channel channel, ModelReleased release) throws PublishException {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        try (Serde<ModelReleased> serde = EventSerdes.with(client).models();
                KafkaProducer<String, ModelReleased> producer =
                        new KafkaProducer<>(settings, new StringSerializer(), serde.serializer())) {
            producer.send(new ProducerRecord<>(topic, "bundle@" + release.getId(), release))
                    .get();
            producer.send(new ProducerRecord<>(topic, channel.key(), release)).get();
            return release;
        } catch (ExecutionException | KafkaException e) {
            throw new PublishException(
                    release.getId() + " could not be announced on " + topic + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublishException("interrupted while announcing " + release.getId(), e);
        }
    }

    /** Reads the topic to its end. */
    public State read() throws PublishException {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        State state = new State(new HashMap<>(), new LinkedHashMap<>());
        try (Serde<ModelReleased> serde = EventSerdes.with(client).models();
                Deserializer<ModelReleased> values = serde.deserializer();
                KafkaConsumer<String, ModelReleased> consumer =
                        new KafkaConsumer<>(settings, new StringDeserializer(), values)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic, PATIENCE).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, ModelReleased> record : consumer.poll(POLL)) {
                    hear(state, record.key(), record.value());
                }
            }
            return state;
        } catch (KafkaException e) {
            throw new PublishException(topic + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void hear(State state, String key, @Nullable ModelReleased release) {
        for (Channel channel : Channel.values()) {
            if (channel.key().equals(key)) {
                if (release == null) {
                    state.channels().remove(channel);
                } else {
                    state.channels().put(channel, release);
                }
            }
        }
        if (key.startsWith("bundle@")) {
            String id = key.substring("bundle@".length());
            if (release == null) {
                state.archive().remove(id);
            } else {
                state.archive().put(id, release);
            }
        }
    }
}

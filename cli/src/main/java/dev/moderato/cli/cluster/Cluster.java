package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.events.Feedback;
import dev.moderato.events.ImageSubmitted;
import dev.moderato.schemas.EventSerdes;
import dev.moderato.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A Kafka cluster with its Schema Registry.
 *
 * @param client settings of every client: {@code bootstrap.servers}, {@code schema.registry.url}, and as needed security
 */
public record Cluster(Map<String, Object> client, Topics topics) {
    private static final int ANSWER_SECONDS = 20; // a broker on a busy machine answers late

    public Cluster {
        client = Map.copyOf(client);
    }

    /** The cluster at these addresses, without security. */
    public static Cluster at(String bootstrap, String registry, Topics topics) {
        return new Cluster(
                Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap, "schema.registry.url", registry),
                topics);
    }

    /** The broker's address, as it was given. */
    public String bootstrap() {
        return String.valueOf(client.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    /**
     * Makes sure that a broker answers and that the installation's topics are there.
     *
     * @throws CommandFailed that says which is missing and what to do
     */
    public void mustBeReady() {
        Set<String> names = administer(admin -> {
            try {
                return admin.listTopics().names().get(ANSWER_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw unreachable(e);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        });
        if (!names.contains(topics.images().name())) {
            throw CommandFailed.because("the broker at " + bootstrap() + " has no topic "
                    + topics.images().name()
                    + ". Create the topics with `moderato topics create`, or name another --prefix.");
        }
    }

    /**
     * Does something with the cluster's administration.
     *
     * @throws CommandFailed where the address cannot be used, nothing answers, or the cluster refuses
     */
    public <T> T administer(Function<Admin, T> work) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_SECONDS * 1000);
        settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_SECONDS * 1000);
        try (Admin admin = Admin.create(settings)) {
            try {
                return work.apply(admin);
            } catch (org.apache.kafka.common.errors.TimeoutException e) {
                throw unreachable(e);
            } catch (InterruptException e) {
                throw CommandFailed.because("interrupted while connecting to " + bootstrap(), e);
            } catch (KafkaException e) {
                throw CommandFailed.because("the broker at " + bootstrap() + " refuses: " + e.getMessage(), e);
            }
        } catch (KafkaException e) { // an address that does not resolve, for one
            throw CommandFailed.because("cannot use the broker address " + bootstrap() + ": " + rootMessage(e), e);
        }
    }

    private CommandFailed unreachable(Exception e) {
        return CommandFailed.because(
                "no Kafka broker answers at " + bootstrap()
                        + ". Start one with `moderato up`, or name yours with --bootstrap or --config.",
                e);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return String.valueOf(root.getMessage());
    }

    /** Serdes over the cluster's registry. */
    public EventSerdes serdes() {
        return EventSerdes.with(client);
    }

    KafkaProducer<String, ImageSubmitted> imageProducer() {
        return producer(serdes().images());
    }

    KafkaProducer<String, Feedback> feedbackProducer() {
        return producer(serdes().feedback());
    }

    private <T> KafkaProducer<String, T> producer(Serde<T> serde) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.IMAGE_MESSAGE_BYTES);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return new KafkaProducer<>(settings, new StringSerializer(), serde.serializer());
    }

    KafkaConsumer<String, byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** Shows no setting's value but the address: there may be a password among them. */
    @Override
    public String toString() {
        return "Cluster[" + bootstrap() + ", " + topics + "]";
    }
}

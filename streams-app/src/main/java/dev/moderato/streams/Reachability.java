package dev.moderato.streams;

import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.settings.KafkaSettings;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/** Waits before start until broker, topics and registry are there, so that what is missing is one line and no stack trace. */
final class Reachability {
    private static final Duration LONGEST_REQUEST = Duration.ofSeconds(15);
    private static final int SERVER_ERROR = 500;

    private Reachability() {}

    /**
     * Waits for the broker and then for the registry, each so long.
     *
     * @throws StartException where one does not answer by then or refuses, or a topic is missing
     */
    static void check(KafkaSettings kafka, Topics topics, Duration timeout)
            throws StartException, InterruptedException {
        awaitBroker(kafka, topics, timeout);
        awaitRegistry(kafka, timeout);
    }

    private static void awaitBroker(KafkaSettings kafka, Topics topics, Duration timeout)
            throws StartException, InterruptedException {
        Map<String, Object> config = new HashMap<>(kafka.clientConfig());
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(timeout.toMillis()));
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, request(timeout));
        try (Admin admin = Admin.create(config)) {
            Set<String> present = admin.listTopics().names().get();
            List<String> missing = topics.all().stream()
                    .map(Topic::name)
                    .filter(name -> !present.contains(name))
                    .toList();
            if (!missing.isEmpty()) {
                throw new StartException(
                        "topics are missing on " + kafka.bootstrap() + ": " + String.join(", ", missing)
                                + "; create them with `moderato topics create`, or set topics.prefix");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new StartException(
                        "no Kafka broker answers at " + kafka.bootstrap() + " within " + timeout.toSeconds()
                                + " s (kafka.bootstrap, start.timeout): " + rootMessage(e),
                        e);
            }
            throw new StartException(
                    "the Kafka broker at " + kafka.bootstrap() + " refuses: " + rootMessage(e) + " (kafka.client.*)",
                    e);
        } catch (KafkaException e) { // an address that does not resolve, a trust store that is not there
            throw new StartException(
                    "Kafka at " + kafka.bootstrap() + " cannot be used: " + rootMessage(e)
                            + " (kafka.bootstrap, kafka.client.*)",
                    e);
        }
    }

    static void awaitRegistry(KafkaSettings kafka, Duration timeout) throws StartException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        Map<String, Object> config = new HashMap<>(kafka.registryConfig());
        config.putIfAbsent(SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, request(timeout));
        config.putIfAbsent(SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, request(timeout));
        try (SchemaRegistryClient registry =
                new CachedSchemaRegistryClient(List.of(kafka.shownRegistryUrl().split(",")), 1, config)) {
            while (!answers(registry, kafka, timeout, deadline)) {
                Thread.sleep(250);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException(
                    "the Schema Registry at " + kafka.shownRegistryUrl() + " cannot be used: " + e.getMessage()
                            + " (registry.url)",
                    e);
        }
    }

    private static boolean answers(SchemaRegistryClient registry, KafkaSettings kafka, Duration timeout, long deadline)
            throws StartException {
        try {
            registry.getAllSubjects();
            return true;
        } catch (IOException | RestClientException e) {
            if (e instanceof RestClientException refusal && refusal.getStatus() < SERVER_ERROR) {
                throw new StartException(
                        "the Schema Registry at " + kafka.shownRegistryUrl() + " refuses: " + e.getMessage()
                                + " (registry.client.*)",
                        e);
            }
            if (System.nanoTime() > deadline) {
                throw new StartException(
                        "no Schema Registry answers at " + kafka.shownRegistryUrl() + " within " + timeout.toSeconds()
                                + " s (registry.url, start.timeout): " + e.getMessage(),
                        e);
            }
            return false;
        }
    }

    private static int request(Duration timeout) {
        return Math.toIntExact(Math.min(timeout.toMillis(), LONGEST_REQUEST.toMillis()));
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return String.valueOf(root.getMessage());
    }
}

package dev.moderato.streams;

import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.settings.KafkaSettings;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** Checks before start that broker, topics and registry are there, so that what is missing is one line and no stack trace. */
final class Reachability {
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private Reachability() {}

    static void check(KafkaSettings kafka, Topics topics, Duration timeout)
            throws StartException, InterruptedException {
        Duration patience = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
        checkBroker(kafka, topics, patience);
        checkRegistry(kafka, patience);
    }

    private static void checkBroker(KafkaSettings kafka, Topics topics, Duration patience)
            throws StartException, InterruptedException {
        Map<String, Object> config = new HashMap<>(kafka.clientConfig());
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(patience.toMillis()));
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(patience.toMillis()));
        try (Admin admin = Admin.create(config)) {
            Set<String> present = admin.listTopics().names().get(patience.toMillis(), TimeUnit.MILLISECONDS);
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
            throw noBroker(kafka, patience, e);
        } catch (TimeoutException | KafkaException e) {
            throw noBroker(kafka, patience, e);
        }
    }

    private static StartException noBroker(KafkaSettings kafka, Duration patience, Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new StartException(
                "no Kafka broker answers at " + kafka.bootstrap() + " within " + patience.toSeconds()
                        + " s (kafka.bootstrap): " + root.getMessage(),
                cause);
    }

    private static void checkRegistry(KafkaSettings kafka, Duration patience)
            throws StartException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (SchemaRegistryClient registry = new CachedSchemaRegistryClient(
                List.of(kafka.shownRegistryUrl().split(",")), 1, kafka.registryConfig())) {
            while (true) {
                try {
                    registry.getAllSubjects();
                    return;
                } catch (IOException e) {
                    if (System.nanoTime() > deadline) {
                        throw new StartException(
                                "no Schema Registry answers at " + kafka.shownRegistryUrl() + " within "
                                        + patience.toSeconds() + " s (registry.url): " + e.getMessage(),
                                e);
                    }
                    Thread.sleep(250);
                }
            }
        } catch (RestClientException e) {
            throw new StartException(
                    "the Schema Registry at " + kafka.shownRegistryUrl() + " refuses: " + e.getMessage()
                            + " (registry.client.*)",
                    e);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException(
                    "the Schema Registry at " + kafka.shownRegistryUrl() + " cannot be used: " + e.getMessage()
                            + " (registry.url)",
                    e);
        }
    }
}

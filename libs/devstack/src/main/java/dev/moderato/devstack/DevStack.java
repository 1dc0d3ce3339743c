package dev.moderato.devstack;

import dev.moderato.devstack.registry.RegistryServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A real Kafka broker and a Schema Registry that Confluent's clients work against, in this process and on loopback. It
 * exists so that one command works with nothing installed; deployments use real ones.
 */
public final class DevStack implements AutoCloseable {
    private final EmbeddedBroker broker;
    private final RegistryServer registry;

    private DevStack(EmbeddedBroker broker, RegistryServer registry) {
        this.broker = broker;
        this.registry = registry;
    }

    /**
     * Starts both, makes the missing topics, and returns once all of it takes requests.
     *
     * @throws DevStackException on a taken port, or a data directory that is in use, damaged or not ours
     */
    public static DevStack start(DevStackSettings settings) throws DevStackException {
        int registryPort = Ports.claim(settings.registryPort(), "Schema Registry");
        EmbeddedBroker broker = EmbeddedBroker.start(settings.dataDirectory(), settings.brokerPort());
        try {
            createTopics(broker.bootstrapServers(), settings.topics());
            return new DevStack(broker, startRegistry(registryPort, broker.bootstrapServers()));
        } catch (DevStackException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    private static RegistryServer startRegistry(int port, String bootstrapServers) throws DevStackException {
        try {
            return RegistryServer.start(Ports.address(port), bootstrapServers);
        } catch (IOException e) {
            throw Ports.taken(port, "Schema Registry", e);
        }
    }

    private static void createTopics(String bootstrapServers, List<NewTopic> wanted) throws DevStackException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>(wanted);
            missing.add(RegistryServer.topic());
            missing.removeIf(topic -> existing.contains(topic.name()));
            if (!missing.isEmpty()) {
                admin.createTopics(missing).all().get();
                awaitVisible(admin, missing);
            }
        } catch (ExecutionException e) {
            throw new DevStackException("The topics cannot be made: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DevStackException("Interrupted while making the topics.", e);
        }
    }

    /** The controller answers before the broker knows: Kafka Streams, for one, gives up on a topic it cannot see. */
    private static void awaitVisible(Admin admin, List<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        List<String> names = topics.stream().map(NewTopic::name).toList();
        while (!admin.listTopics().names().get().containsAll(names)) {
            Thread.sleep(10);
        }
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** For {@code schema.registry.url}. */
    public String registryUrl() {
        return registry.url();
    }

    /** Where records and schemas lie. */
    public Path dataDirectory() {
        return broker.dataDirectory();
    }

    /** Stops both in good order. Records and schemas stay unless the data directory was temporary. */
    @Override
    public void close() {
        registry.close();
        broker.close();
    }
}

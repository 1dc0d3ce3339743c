package dev.moderato.cli.cluster;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.schemas.Topics;
import dev.moderato.streams.settings.Secrets;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the cluster is: flags win over the file, the file over what {@code moderato up} listens on. */
public final class ClusterOptions {
    static final String DEFAULT_BOOTSTRAP = "127.0.0.1:9092";
    static final String DEFAULT_REGISTRY = "http://127.0.0.1:8081";
    private static final String REGISTRY_URL = "schema.registry.url";

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description =
                    "Kafka broker to start from (default: " + DEFAULT_BOOTSTRAP + ", where `moderato up` listens).")
    @Nullable
    String bootstrap;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            description = "Schema Registry (default: " + DEFAULT_REGISTRY + ").")
    @Nullable
    String registry;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Properties file with Kafka and Schema Registry client settings (security.protocol, sasl.jaas.config, schema.registry.url, …)."
                            + " A value may name a file or variable that holds a secret: docs/operations.md.")
    @Nullable
    Path config;

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            description = "Prefix of the topics (default: ${DEFAULT-VALUE}).",
            defaultValue = Topics.DEFAULT_PREFIX)
    String prefix = Topics.DEFAULT_PREFIX;

    /**
     * The cluster that these options name, without a connection yet.
     *
     * @throws CommandFailed where the file cannot be read or the prefix is not legal
     */
    public Cluster cluster() {
        Map<String, Object> client = new HashMap<>();
        client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, DEFAULT_BOOTSTRAP);
        client.put(REGISTRY_URL, DEFAULT_REGISTRY);
        if (config != null) {
            Properties file = read(config);
            Secrets secrets = Secrets.ofThisProcess();
            for (String name : file.stringPropertyNames()) {
                client.put(name, reveal(secrets, name, file.getProperty(name)));
            }
        }
        if (bootstrap != null) {
            client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        }
        if (registry != null) {
            client.put(REGISTRY_URL, registry);
        }
        try {
            return new Cluster(client, new Topics(prefix));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    private String reveal(Secrets secrets, String name, String value) {
        try {
            return secrets.reveal(value);
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage("--config " + config + ": " + name + ": " + e.getMessage());
        }
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
            return properties;
        } catch (IOException e) {
            throw CommandFailed.wrongUsage("cannot read --config " + file + ": " + IoReason.of(e));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage("cannot read --config " + file + ": " + e.getMessage());
        }
    }
}

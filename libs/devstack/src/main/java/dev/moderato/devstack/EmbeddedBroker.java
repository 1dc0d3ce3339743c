package dev.moderato.devstack;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/** A real Kafka broker and its KRaft controller in this process, on loopback. */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String CONTROLLER = "CONTROLLER";

    private final DataDirectory data;
    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedBroker(DataDirectory data, KafkaRaftServer server, String bootstrapServers) {
        this.data = data;
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker and returns once it takes requests.
     *
     * @param directory where records live between runs; null for a temporary one that close deletes
     * @param port 0 for any
     * @throws DevStackException on a taken port, or a directory that is in use or not ours
     */
    public static EmbeddedBroker start(@Nullable Path directory, int port) throws DevStackException {
        DataDirectory data = DataDirectory.open(directory);
        try {
            int brokerPort = Ports.claim(port, "broker");
            int controllerPort = Ports.claim(0, "controller");
            format(data.broker());
            KafkaRaftServer server = new KafkaRaftServer(
                    new KafkaConfig(settings(data.broker(), brokerPort, controllerPort)), Time.SYSTEM);
            server.startup();
            return new EmbeddedBroker(data, server, "127.0.0.1:" + brokerPort);
        } catch (DevStackException e) {
            data.close();
            throw e;
        } catch (Exception e) {
            data.close();
            throw new DevStackException(
                    "The embedded broker did not start on " + data.root() + " (" + e
                            + "): if an earlier run left it damaged, choose another data directory.",
                    e);
        }
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Where records lie. */
    public Path dataDirectory() {
        return data.root();
    }

    private static void format(Path folder) throws Exception {
        if (Files.exists(folder.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(folder);
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .setDirectories(List.of(folder.toString()))
                .setMetadataLogDirectory(folder.toString())
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setControllerListenerName(CONTROLLER)
                .setIgnoreFormatted(true)
                .run();
    }

    /** One node, small buffers and pools, internal topics of one partition and one replica, no waiting for others. */
    private static Properties settings(Path folder, int brokerPort, int controllerPort) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", folder.toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("num.partitions", "1");
        settings.put("default.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        // a killed client's transaction holds up readers no longer than its own timeout
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // just long enough for the threads of one process to join at once: one by one each costs two rebalances
        settings.put("group.initial.rebalance.delay.ms", "100");
        // the same for groups of the streams protocol, whose members the broker alone tells how often to report
        settings.put("group.streams.min.heartbeat.interval.ms", "500");
        settings.put("group.streams.heartbeat.interval.ms", "500");
        settings.put("group.streams.min.session.timeout.ms", "6000");
        settings.put("group.streams.session.timeout.ms", "10000");
        settings.put("group.streams.initial.rebalance.delay.ms", "100");
        // a cleaner's map of 16 MiB holds the keys of a segment of 128 MiB
        settings.put("log.cleaner.dedupe.buffer.size", "16777216");
        settings.put("log.segment.bytes", "134217728");
        settings.put("offsets.topic.segment.bytes", "16777216");
        settings.put("transaction.state.log.segment.bytes", "16777216");
        settings.put("log.cleaner.io.buffer.size", "131072");
        // the only broker there is: on a machine too busy for heartbeats it would be taken from all of its topics
        settings.put("broker.session.timeout.ms", "120000");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }

    /** Stops the broker in good order; its records stay unless the directory was temporary. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        data.close();
    }
}

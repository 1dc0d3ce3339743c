package dev.moderato.cli.deploy;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Broker, registry and the service's own image, in containers on one network.
 *
 * @param folder holds the broker's key as {@code broker.p12}, the certificate that clients trust as {@code trust.p12} and
 *     the service's password as {@code password}
 */
record Containers(Network network, Path folder, int kafkaPort, GenericContainer<?> kafka, GenericContainer<?> registry)
        implements AutoCloseable {
    static final String USER = "moderato";
    static final String PASSWORD = "planted-kafka-password";
    private static final String STORE_PASSWORD = "planted-store-password";
    private static final String APP = "moderato/streams-app";
    private static final String KAFKA = "apache/kafka:4.3.1";
    private static final String REGISTRY = "confluentinc/cp-schema-registry:7.9.2";
    private static final String REGISTRY_PATH =
            Optional.ofNullable(System.getenv("REGISTRY_PATH")).orElse("");

    /** Why these tests cannot run here; empty if they can. */
    static Optional<String> missing() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.of(
                    "no container engine answers: the tests of the images are left out (.ci/containers brings one up)");
        }
        for (String image : List.of(APP, KAFKA, REGISTRY)) {
            try {
                DockerClientFactory.instance().client().inspectImageCmd(image).exec();
            } catch (com.github.dockerjava.api.exception.NotFoundException e) {
                return Optional.of("the engine has no image " + image + ": the tests of the images are left out");
            }
        }
        return Optional.empty();
    }

    static Containers start(Path folder) throws Exception {
        keys(folder);
        Network network = Network.newNetwork();
        int kafkaPort = freePort();
        GenericContainer<?> kafka = kafka(network, folder, kafkaPort);
        kafka.start();
        GenericContainer<?> registry = registry(network);
        registry.start();
        return new Containers(network, folder, kafkaPort, kafka, registry);
    }

    String bootstrap() {
        return "127.0.0.1:" + kafkaPort;
    }

    String registryUrl() {
        return "http://127.0.0.1:" + registry.getMappedPort(8081) + REGISTRY_PATH;
    }

    /** The service over TLS and SASL/SCRAM, its password in a file, hardened as compose and Kubernetes do it. Not started. */
    GenericContainer<?> service(Path models, Path prompts) {
        String jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + USER
                + "\" password=\"${secret:/run/secrets/moderato/password}\";";
        return new GenericContainer<>(DockerImageName.parse(APP))
                .withNetwork(network)
                .withExposedPorts(8080)
                .withEnv("MODERATO_KAFKA_BOOTSTRAP", "kafka:9095")
                .withEnv("MODERATO_KAFKA_CLIENT_SECURITY_PROTOCOL", "SASL_SSL")
                .withEnv("MODERATO_KAFKA_CLIENT_SASL_MECHANISM", "SCRAM-SHA-512")
                .withEnv("MODERATO_KAFKA_CLIENT_SASL_JAAS_CONFIG", jaas)
                .withEnv("MODERATO_KAFKA_CLIENT_SSL_TRUSTSTORE_LOCATION", "/run/secrets/moderato/trust.p12")
                .withEnv("MODERATO_KAFKA_CLIENT_SSL_TRUSTSTORE_PASSWORD", STORE_PASSWORD)
                .withEnv("MODERATO_REGISTRY_URL", "http://registry:8081" + REGISTRY_PATH)
                .withEnv("MODERATO_MODEL_BUNDLE", "/models/demo")
                .withEnv("MODERATO_POLICIES_WATCH", "/prompts")
                .withEnv("MODERATO_LOG_LEVEL", "DEBUG")
                .withCreateContainerCmdModifier(create -> {
                    HostConfig host = host(create.getHostConfig())
                            .withReadonlyRootfs(true)
                            .withCapDrop(Capability.ALL)
                            .withTmpFs(Map.of("/tmp", "exec,size=256m"))
                            .withBinds(
                                    Bind.parse(models + ":/models:ro"),
                                    Bind.parse(prompts + ":/prompts:ro"),
                                    Bind.parse(folder + ":/run/secrets/moderato:ro"));
                    create.withHostConfig(host);
                })
                .waitingFor(Wait.forHttp("/health/ready").forPort(8080).withStartupTimeout(Duration.ofMinutes(2)));
    }

    @Override
    public void close() {
        registry.stop();
        kafka.stop();
        network.close();
    }

    private static GenericContainer<?> kafka(Network network, Path folder, int port) {
        return new GenericContainer<>(DockerImageName.parse(KAFKA))
                .withNetwork(network)
                .withNetworkAliases("kafka")
                .withEnv("CLUSTER_ID", "bW9kZXJhdG8tb24tMSBob3")
                .withEnv("KAFKA_NODE_ID", "1")
                .withEnv("KAFKA_PROCESS_ROLES", "broker,controller")
                .withEnv("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
                .withEnv("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
                .withEnv("KAFKA_LISTENERS", "INSIDE://:19092,SECURE://:9095,HOST://:9092,CONTROLLER://localhost:9093")
                .withEnv(
                        "KAFKA_ADVERTISED_LISTENERS",
                        "INSIDE://kafka:19092,SECURE://kafka:9095,HOST://127.0.0.1:" + port)
                .withEnv(
                        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                        "INSIDE:PLAINTEXT,SECURE:SASL_SSL,HOST:PLAINTEXT,CONTROLLER:PLAINTEXT")
                .withEnv("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE")
                .withEnv("KAFKA_SASL_ENABLED_MECHANISMS", "SCRAM-SHA-512")
                .withEnv(
                        "KAFKA_LISTENER_NAME_SECURE_SCRAM___SHA___512_SASL_JAAS_CONFIG",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;")
                .withEnv("KAFKA_SSL_KEYSTORE_LOCATION", "/keys/broker.p12")
                .withEnv("KAFKA_SSL_KEYSTORE_PASSWORD", STORE_PASSWORD)
                .withEnv("KAFKA_SSL_KEY_PASSWORD", STORE_PASSWORD)
                .withEnv("KAFKA_LOG_DIRS", "/var/lib/kafka/data")
                .withEnv("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withCreateContainerCmdModifier(create -> create.withHostConfig(host(create.getHostConfig())
                        .withPortBindings(
                                new PortBinding(Binding.bindIpAndPort("127.0.0.1", port), new ExposedPort(9092)))
                        .withBinds(Bind.parse(folder + ":/keys:ro"))))
                .waitingFor(Wait.forSuccessfulCommand("bash -c ': >/dev/tcp/127.0.0.1/9092'"));
    }

    private static GenericContainer<?> registry(Network network) {
        return new GenericContainer<>(DockerImageName.parse(REGISTRY))
                .withNetwork(network)
                .withNetworkAliases("registry")
                .withExposedPorts(8081)
                .withEnv("SCHEMA_REGISTRY_HOST_NAME", "registry")
                .withEnv("SCHEMA_REGISTRY_LISTENERS", "http://0.0.0.0:8081")
                .withEnv("SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS", "PLAINTEXT://kafka:19092")
                .withEnv("APICURIO_STORAGE_KIND", "kafkasql")
                .withEnv("APICURIO_KAFKASQL_BOOTSTRAP_SERVERS", "kafka:19092")
                .waitingFor(Wait.forHttp(REGISTRY_PATH + "/subjects")
                        .forPort(8081)
                        .withStartupTimeout(Duration.ofMinutes(2)));
    }

    private static HostConfig host(@org.jspecify.annotations.Nullable HostConfig given) {
        return given == null ? HostConfig.newHostConfig() : given;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A key for the host name {@code kafka}, and a store that trusts it. Readable by the containers' users. */
    private static void keys(Path folder) throws IOException, InterruptedException {
        String key = folder.resolve("broker.p12").toString();
        String certificate = folder.resolve("broker.pem").toString();
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=kafka",
                "-ext",
                "san=dns:kafka",
                "-storetype",
                "PKCS12",
                "-keystore",
                key,
                "-storepass",
                STORE_PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-keystore",
                key,
                "-storepass",
                STORE_PASSWORD,
                "-file",
                certificate);
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "broker",
                "-file",
                certificate,
                "-storetype",
                "PKCS12",
                "-keystore",
                folder.resolve("trust.p12").toString(),
                "-storepass",
                STORE_PASSWORD);
        Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
        }
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("keytool failed: " + String.join(" ", arguments));
        }
    }
}

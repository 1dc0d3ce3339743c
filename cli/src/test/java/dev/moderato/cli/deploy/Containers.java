package dev.moderato.cli.deploy;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Broker and registry in containers on one network, and the service's own image beside them.
 *
 * @param folder holds the broker's key ({@code broker.p12}), the certificate that clients trust ({@code trust.p12}) and the
 *     service's {@code password}
 * @param kafkaPort of loopback, where the broker listens without encryption for the tests themselves
 */
record Containers(Network network, Path folder, int kafkaPort, GenericContainer<?> kafka, GenericContainer<?> registry)
        implements AutoCloseable {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final String USER = "moderato";
    static final String PASSWORD = "planted-kafka-password";
    static final String JAAS = "MODERATO_KAFKA_CLIENT_SASL_JAAS_CONFIG";
    static final String TRUST = "MODERATO_KAFKA_CLIENT_SSL_TRUSTSTORE_LOCATION";

    private static final String STORE_PASSWORD = "planted-store-password";
    private static final String APP = "moderato/streams-app";
    private static final String KAFKA = "apache/kafka:4.3.1";
    private static final String REGISTRY = "confluentinc/cp-schema-registry:7.9.2";
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Where the registry speaks Confluent's protocol: at its root, unless a stand-in says otherwise. */
    private static final String REGISTRY_PATH =
            Optional.ofNullable(System.getenv("REGISTRY_PATH")).orElse("");

    /** Why these containers cannot run here; empty if they can. */
    static Optional<String> missing() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.of("no container engine answers: the images are not tested (.ci/containers brings one up)");
        }
        for (String image : List.of(APP, KAFKA, REGISTRY)) {
            try {
                DockerClientFactory.instance().client().inspectImageCmd(image).exec();
            } catch (NotFoundException e) {
                return Optional.of("the container engine has no image " + image + ": the images are not tested");
            }
        }
        return Optional.empty();
    }

    static Containers start(Path folder) throws Exception {
        makeSecrets(folder);
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

    /**
     * The service over TLS and SASL/SCRAM, its password in a file, hardened as compose and Kubernetes do it. It encodes every
     * image, seen before or not. Not started.
     */
    GenericContainer<?> service() {
        return new GenericContainer<>(DockerImageName.parse(APP))
                .withNetwork(network)
                .withExposedPorts(8080)
                .withEnv("MODERATO_KAFKA_BOOTSTRAP", "kafka:9095")
                .withEnv("MODERATO_KAFKA_CLIENT_SECURITY_PROTOCOL", "SASL_SSL")
                .withEnv("MODERATO_KAFKA_CLIENT_SASL_MECHANISM", "SCRAM-SHA-512")
                .withEnv(JAAS, jaas("${secret:/run/secrets/moderato/password}"))
                .withEnv(TRUST, "/run/secrets/moderato/trust.p12")
                .withEnv("MODERATO_KAFKA_CLIENT_SSL_TRUSTSTORE_PASSWORD", STORE_PASSWORD)
                .withEnv("MODERATO_REGISTRY_URL", "http://registry:8081" + REGISTRY_PATH)
                .withEnv("MODERATO_MODEL_BUNDLE", "/models/demo")
                .withEnv("MODERATO_POLICIES_WATCH", "/prompts")
                .withEnv("MODERATO_CACHE_BYTES", "0")
                .withEnv("MODERATO_LOG_LEVEL", "DEBUG")
                .withEnv("MODERATO_START_TIMEOUT", PATIENCE.toSeconds() + " s")
                .withCreateContainerCmdModifier(create -> create.withHostConfig(host(create)
                        .withReadonlyRootfs(true)
                        .withCapDrop(Capability.ALL)
                        .withSecurityOpts(List.of("no-new-privileges:true"))
                        .withTmpFs(Map.of("/tmp", "exec,size=256m"))
                        .withBinds(
                                Bind.parse(ROOT.resolve("models") + ":/models:ro"),
                                Bind.parse(ROOT.resolve("prompts") + ":/prompts:ro"),
                                Bind.parse(folder + ":/run/secrets/moderato:ro"))))
                .waitingFor(Wait.forLogMessage(".*\\n", 1));
    }

    static String jaas(String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + USER + "\" password=\""
                + password + "\";";
    }

    /** Whether that service moderates images. */
    static boolean ready(GenericContainer<?> service) throws InterruptedException {
        URI health = URI.create("http://127.0.0.1:" + service.getMappedPort(8080) + "/health/ready");
        try {
            return HTTP.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false; // does not listen yet
        }
    }

    static void awaitReady(GenericContainer<?> service) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready(service)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not ready within " + PATIENCE + ":\n" + service.getLogs());
            }
            Thread.sleep(250);
        }
    }

    /** Does something while a container stands still: its connections stay open, and nothing answers. */
    static void whilePaused(GenericContainer<?> container, Step step) throws Exception {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
        try {
            step.run();
        } finally {
            container
                    .getDockerClient()
                    .unpauseContainerCmd(container.getContainerId())
                    .exec();
        }
    }

    interface Step {
        void run() throws Exception;
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
                .withEnv(Map.ofEntries(
                        Map.entry("CLUSTER_ID", "bW9kZXJhdG8tb24tMSBob3"),
                        Map.entry("KAFKA_NODE_ID", "1"),
                        Map.entry("KAFKA_PROCESS_ROLES", "broker,controller"),
                        Map.entry("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
                        Map.entry("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
                        Map.entry(
                                "KAFKA_LISTENERS",
                                "INSIDE://:19092,SECURE://:9095,HOST://:9092,CONTROLLER://localhost:9093"),
                        Map.entry(
                                "KAFKA_ADVERTISED_LISTENERS",
                                "INSIDE://kafka:19092,SECURE://kafka:9095,HOST://127.0.0.1:" + port),
                        Map.entry(
                                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                                "INSIDE:PLAINTEXT,SECURE:SASL_SSL,HOST:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                        Map.entry("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE"),
                        Map.entry("KAFKA_SASL_ENABLED_MECHANISMS", "SCRAM-SHA-512"),
                        Map.entry( // three underscores for a dash: listener.name.secure.scram-sha-512.sasl.jaas.config
                                "KAFKA_LISTENER_NAME_SECURE_SCRAM___SHA___512_SASL_JAAS_CONFIG",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                        Map.entry("KAFKA_SSL_KEYSTORE_LOCATION", "/keys/broker.p12"),
                        Map.entry("KAFKA_SSL_KEYSTORE_PASSWORD", STORE_PASSWORD),
                        Map.entry("KAFKA_SSL_KEY_PASSWORD", STORE_PASSWORD),
                        Map.entry("KAFKA_LOG_DIRS", "/var/lib/kafka/data"),
                        Map.entry("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
                        Map.entry("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
                        Map.entry("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
                        Map.entry("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1"),
                        Map.entry("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1"),
                        Map.entry("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")))
                .withCreateContainerCmdModifier(create -> create.withExposedPorts(new ExposedPort(9092))
                        .withHostConfig(host(create)
                                .withPortBindings(new PortBinding(
                                        Binding.bindIpAndPort("127.0.0.1", port), // the very port that is advertised
                                        new ExposedPort(9092)))
                                .withBinds(Bind.parse(folder + ":/keys:ro"))))
                .waitingFor(Wait.forSuccessfulCommand("bash -c ': >/dev/tcp/127.0.0.1/9092'")
                        .withStartupTimeout(PATIENCE));
    }

    private static GenericContainer<?> registry(Network network) {
        return new GenericContainer<>(DockerImageName.parse(REGISTRY))
                .withNetwork(network)
                .withNetworkAliases("registry")
                .withExposedPorts(8081)
                .withEnv("SCHEMA_REGISTRY_HOST_NAME", "registry")
                .withEnv("SCHEMA_REGISTRY_LISTENERS", "http://0.0.0.0:8081")
                .withEnv("SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS", "PLAINTEXT://kafka:19092")
                .withEnv("APICURIO_STORAGE_KIND", "kafkasql") // the stand-in's
                .withEnv("APICURIO_KAFKASQL_BOOTSTRAP_SERVERS", "kafka:19092")
                .waitingFor(Wait.forHttp(REGISTRY_PATH + "/subjects").withStartupTimeout(PATIENCE));
    }

    private static HostConfig host(CreateContainerCmd create) {
        return Objects.requireNonNull(create.getHostConfig());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A key for the host name {@code kafka}, a store that trusts it, and the password; readable by the containers' users. */
    private static void makeSecrets(Path folder) throws IOException, InterruptedException {
        String broker = " -alias broker -keystore broker.p12 -storepass " + STORE_PASSWORD;
        keytool(folder, "-genkeypair -keyalg EC -dname CN=kafka -ext san=dns:kafka" + broker);
        keytool(folder, "-exportcert -file broker.crt" + broker);
        keytool(folder, "-importcert -noprompt -file broker.crt" + broker.replace("broker.p12", "trust.p12"));
        Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
        }
    }

    private static void keytool(Path folder, String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        Collections.addAll(command, arguments.split(" "));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("keytool failed: " + Files.readString(folder.resolve("keytool.log")));
        }
    }
}

package dev.moderato.bundles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.moderato.content.S3Access;
import dev.moderato.devstack.s3.S3Server;
import dev.moderato.inference.clip.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped bundle, to and from a store that speaks S3 over HTTP and verifies signatures. */
class BundleStoreTest {
    private static final Path SHIPPED = Path.of("..", "..", "models", "demo");

    @TempDir
    Path folder;

    private S3Server server;
    private BundleStore store;
    private ModelBundle bundle;
    private String address;

    @BeforeEach
    void publish() throws Exception {
        server = S3Server.start();
        store = store(S3Server.SECRET_KEY, folder.resolve("cache"));
        bundle = ModelBundle.read(copyOfShipped());
        address = store.publish(bundle);
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private Path copyOfShipped() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("demo"));
        try (Stream<Path> files = Files.list(SHIPPED)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private BundleStore store(String secret, Path cache) {
        return new BundleStore(
                new S3Access("eu-central-1", server.endpoint(), S3Server.ACCESS_KEY, secret),
                cache,
                S3Address.parse("s3://models/moderato/"));
    }

    private String key(String file) {
        return address.substring("s3://".length()) + "/" + file;
    }

    private StoreException fault(BundleStore from) {
        return catchThrowableOfType(StoreException.class, () -> from.fetch(address, bundle.sha256()));
    }

    private List<String> gets() {
        return server.requests().stream()
                .filter(line -> line.startsWith("GET "))
                .toList();
    }

    @Test
    void whatWasBroughtThereIsHadAgainAndKept() throws Exception {
        assertThat(address)
                .isEqualTo("s3://models/moderato/demo-v1-" + bundle.sha256().substring(0, 12));
        assertThat(server.requests()).last().isEqualTo("PUT " + key("bundle.json"));
        assertThat(server.keys()).hasSize(bundle.files().size() + 1);

        Path copy = store.fetch(address, bundle.sha256());
        assertThat(ModelBundle.read(copy).sha256()).isEqualTo(bundle.sha256());
        assertThat(copy.getParent()).isEqualTo(folder.resolve("cache"));
        int asked = gets().size();
        assertThat(store.fetch(address, bundle.sha256())).isEqualTo(copy);
        assertThat(gets()).as("nothing is asked for again").hasSize(asked);

        Path file = copy.resolve(bundle.manifest().image().model());
        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        assertThat(ModelBundle.read(store.fetch(address, bundle.sha256())).sha256())
                .as("a damaged copy is replaced")
                .isEqualTo(bundle.sha256());
    }

    @Test
    void whatIsThereIsNotSentAgain() throws Exception {
        long sent = puts();
        server.delete(key("bundle.json"));
        assertThat(store.publish(bundle)).isEqualTo(address);
        assertThat(puts()).isEqualTo(sent + 1);
    }

    private long puts() {
        return server.requests().stream()
                .filter(line -> line.startsWith("PUT "))
                .count();
    }

    @Test
    void aSignatureGoesWithIt() throws Exception {
        Files.writeString(bundle.folder().resolve("bundle.json.sig"), "signed");
        store.publish(bundle);
        assertThat(store.fetch(address, bundle.sha256()).resolve("bundle.json.sig"))
                .hasContent("signed");
    }

    @Test
    void whatWasCutShortIsGoneOnWith() throws Exception {
        String model = bundle.manifest().image().model();
        server.cutOnce(key(model), 1000);
        server.cutOnce(key("bundle.json"), 10);
        assertThat(ModelBundle.read(store.fetch(address, bundle.sha256())).sha256())
                .isEqualTo(bundle.sha256());
        assertThat(gets().stream().filter(line -> line.endsWith(model))).hasSize(2);
    }

    @Test
    void aCopyThatAnotherProcessLeftUnfinishedIsGoneOnWithOrBegunAnew() throws Exception {
        Path part = Files.createDirectories(folder.resolve("cache/." + bundle.sha256() + ".part"));
        String image = bundle.manifest().image().model();
        byte[] model = Files.readAllBytes(bundle.folder().resolve(image));
        Files.write(part.resolve(image), java.util.Arrays.copyOf(model, model.length / 2));
        String text = bundle.manifest().text().model();
        Files.write(part.resolve(text), "something else".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(ModelBundle.read(store.fetch(address, bundle.sha256())).sha256())
                .isEqualTo(bundle.sha256());
    }

    @Test
    void wrongBytesAreRefusedByName() throws Exception {
        String model = bundle.manifest().image().model();
        byte[] damaged = Objects.requireNonNull(server.object(key(model)));
        damaged[damaged.length / 2] ^= 1;
        server.replace(key(model), damaged);
        StoreException fault = fault(store);
        assertThat(fault)
                .hasMessageStartingWith("s3://" + key(model) + " has sha256 ")
                .hasMessageContaining(", the bundle says " + bundle.files().get(model))
                .hasMessageEndingWith("Bring the bundle there again, and announce it again");
        assertThat(fault.mayPass()).isFalse();
        assertThat(folder.resolve("cache").resolve(bundle.sha256())).doesNotExist();

        server.replace(key("bundle.json"), "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Files.delete(folder.resolve("cache/." + bundle.sha256() + ".part/bundle.json"));
        assertThat(fault(store)).hasMessageStartingWith("s3://" + key("bundle.json") + " has sha256 ");
    }

    @Test
    void aMissingObjectIsRefusedByName() {
        server.delete(key(bundle.manifest().text().model()));
        StoreException fault = fault(store);
        assertThat(fault)
                .hasMessage("s3://" + key(bundle.manifest().text().model())
                        + " does not exist (status 404 NoSuchKey): check the address; if the bundle was deleted, bring it there"
                        + " again");
        assertThat(fault.mayPass()).isFalse();
    }

    @Test
    void wrongCredentialsAreSaid() {
        try (BundleStore stranger = store("another secret", folder.resolve("other"))) {
            StoreException fault = fault(stranger);
            assertThat(fault)
                    .hasMessage("s3://" + key("bundle.json")
                            + " is refused (status 403 SignatureDoesNotMatch): check bundles.s3.access.key and"
                            + " bundles.s3.secret.key, and that they may use the bucket");
            assertThat(fault.mayPass()).isTrue();
            assertThat(catchThrowableOfType(StoreException.class, () -> stranger.publish(bundle)))
                    .hasMessageContaining(" is refused (status 403");
        }
    }

    @Test
    void aStoreThatIsAwayIsSaid() throws Exception {
        server.fail(500, 3);
        assertThat(store.fetch(address, bundle.sha256())).as("tried again").exists();

        server.close();
        StoreException fault = fault(store(S3Server.SECRET_KEY, folder.resolve("other")));
        assertThat(fault)
                .hasMessageStartingWith("s3://" + key("bundle.json") + " cannot be reached at " + server.endpoint())
                .hasMessageEndingWith("; check bundles.s3.endpoint, and that the store is up");
        assertThat(fault.mayPass()).isTrue();
    }

    @Test
    void foldersAreGivenAsTheyAre() throws Exception {
        try (BundleStore mounted = new BundleStore(new S3Access("x", null, null, null), folder.resolve("none"), null)) {
            String uri = mounted.publish(bundle);
            assertThat(uri).startsWith("file:///").endsWith("/demo/");
            assertThat(mounted.fetch(uri, bundle.sha256()))
                    .isEqualTo(bundle.folder().toAbsolutePath());
            assertThat(mounted.fetch("models/demo", bundle.sha256())).isEqualTo(Path.of("models/demo"));
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Test
    void addressesThatCannotBeUsedAreRefused() {
        for (String wrong : List.of("gs://bucket/demo", "https://example.com/demo", "file:relative")) {
            assertThat(catchThrowableOfType(StoreException.class, () -> store.fetch(wrong, bundle.sha256())))
                    .hasMessage(
                            "its address '" + wrong + "' is neither a folder on this machine nor s3://bucket/folder");
        }
        assertThat(catchThrowableOfType(StoreException.class, () -> store.fetch("s3://", bundle.sha256())))
                .hasMessage("'s3://' is no address like s3://bucket/folder");
        assertThat(catchThrowableOfType(StoreException.class, () -> store.fetch(address, "../../etc")))
                .hasMessage(address + " was announced with '../../etc', which is no sha256");
    }
}

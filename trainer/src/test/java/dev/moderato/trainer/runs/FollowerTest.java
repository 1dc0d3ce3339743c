package dev.moderato.trainer.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.content.ContentRules;
import dev.moderato.devstack.DevStackSettings;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.ops.Health;
import dev.moderato.ops.OpsServer;
import dev.moderato.ops.OpsSettings;
import dev.moderato.pictograms.Thing;
import dev.moderato.schemas.Topics;
import dev.moderato.trainer.Pictures;
import dev.moderato.trainer.TestBroker;
import dev.moderato.trainer.TinyModel;
import dev.moderato.trainer.dataset.FeedbackIntake;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.publish.Releases;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service on a real broker, with a model that trains in milliseconds. */
@SuppressWarnings("try") // a service is held for what it does, not for its name
class FollowerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String RECIPE = "{steps: 2, batchSize: 4, learningRate: 0.001}";
    private static final Policy POLICY =
            PolicyParser.parse("""
                    policy: default
                    templates: ["{}"]
                    neutral: ["a green tree", "a house"]
                    labels:
                      weapons.knife: {prompts: ["a red knife"], thresholds: {review: 0.5}}
                    """, "default.yaml", Templates.none()).orElseThrow();

    @TempDir
    Path folder;

    private final List<Follower.Event> events = new CopyOnWriteArrayList<>();
    private TestBroker broker;
    private int flagged;

    @BeforeEach
    void open() throws Exception {
        broker = TestBroker.fresh();
        TinyModel.model().write(folder.resolve("tiny"), "tiny");
        for (int i = 0; i < 20; i++) {
            broker.image("stream-" + i, Pictures.of(Thing.TREE, i));
        }
    }

    /** A service that runs until it is closed. */
    private final class Service implements AutoCloseable {
        private final Follower follower;
        private final Thread thread;

        Service(Clock clock, int flags) throws Exception {
            Path data = folder.resolve("data");
            Journal journal = Journal.in(data);
            this.follower = new Follower(
                    new Follower.Settings(
                            data,
                            folder.resolve("tiny"),
                            folder,
                            null,
                            folder.resolve("models"),
                            RecipeParser.parse(RECIPE, "recipe"),
                            RECIPE,
                            TorchDevice.CPU,
                            1,
                            flags,
                            Duration.ofHours(24),
                            20,
                            null),
                    new FeedbackIntake(journal, broker.client(), broker.topics(), ContentRules.refuseAll()),
                    journal,
                    new Releases(broker.client(), broker.topics(), TestBroker.folders()),
                    () -> POLICY,
                    events::add,
                    clock);
            this.thread = new Thread(this::follow, "follower");
            thread.start();
        }

        private void follow() {
            try {
                follower.follow(new TrainingLoop.Listener() {
                    @Override
                    public void started(long step, long steps) {}

                    @Override
                    public void step(StepReport report) {}
                });
            } catch (IOException e) {
                events.add(new Follower.Event.Failed("ended: " + e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() throws Exception {
            follower.stop();
            thread.join();
            follower.close();
        }
    }

    private void flag(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            broker.flag("flag-" + flagged, ByteBuffer.wrap(Pictures.of(Thing.KNIFE, flagged)), "weapons.knife", true);
            flagged++;
        }
    }

    private int noted() {
        return events.stream()
                .mapToInt(event -> event instanceof Follower.Event.Noted noted ? noted.entries() : 0)
                .sum();
    }

    private List<Integer> starts() {
        return events.stream()
                .filter(Follower.Event.Started.class::isInstance)
                .map(event -> ((Follower.Event.Started) event).newFlags())
                .toList();
    }

    private void await(String what, Predicate<List<Follower.Event>> condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(events)) {
            assertThat(System.nanoTime()).as(what + ": " + events).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static boolean finished(List<Follower.Event> events, int runs) {
        return events.stream().filter(Follower.Event.Finished.class::isInstance).count() == runs;
    }

    @Test
    void startsWhenEnoughFlagsHaveComeInAndNotAgainAfterARestart() throws Exception {
        try (Service service = new Service(Clock.systemUTC(), 24)) {
            flag(23);
            await("23 flags", seen -> noted() == 23);
            assertThat(starts()).isEmpty();
            flag(1);
            await("a run", seen -> finished(seen, 1));
            assertThatThrownBy(() -> new Service(Clock.systemUTC(), 24))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is in use by another trainer");
        }
        assertThat(starts()).containsExactly(24);
        Follower.Event.Finished run = (Follower.Event.Finished) events.stream()
                .filter(Follower.Event.Finished.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(run.outcome().report().resolve("report.html")).exists();
        try (Service service = new Service(Clock.systemUTC(), 24)) {
            flag(10);
            await("10 more", seen -> noted() == 34);
            assertThat(starts()).as("10 are too few").containsExactly(24);
            flag(14);
            await("another run", seen -> finished(seen, 2));
        }
        assertThat(starts()).containsExactly(24, 24);
    }

    @Test
    void startsWhenTimeHasPassedAndOneFlagHasComeIn() throws Exception {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        try (Service service = new Service(Clock.fixed(start, ZoneOffset.UTC), 1000)) {
            flag(24);
            await("24 flags", seen -> noted() == 24);
            assertThat(starts()).isEmpty();
        }
        try (Service service = new Service(Clock.fixed(start.plus(Duration.ofHours(25)), ZoneOffset.UTC), 1000)) {
            await("a run", seen -> finished(seen, 1));
        }
        assertThat(starts()).containsExactly(24);
    }

    @Test
    void goesOnWhenTheBrokerComesBack() throws Exception {
        DevStackSettings settings = new DevStackSettings(folder.resolve("kafka"), port(), port(), List.of());
        Topics topics = new Topics("restarted", 1);
        broker = TestBroker.on(settings, topics);
        try (Service service = new Service(Clock.systemUTC(), 1000)) {
            flag(2);
            await("2 flags", seen -> noted() == 2);
            broker.stack().close();
            Thread.sleep(3000); // long enough for polls to fail
            broker = TestBroker.on(settings, topics);
            flag(3);
            await("3 more", seen -> noted() >= 5);
        } finally {
            broker.stack().close();
        }
        assertThat(Journal.in(folder.resolve("data")).all()).extracting("id").contains("flag-0", "flag-4");
        assertThat(events)
                .noneMatch(event -> event instanceof Follower.Event.Failed failed
                        && failed.why().startsWith("ended"));
    }

    @Test
    void isNotAliveOnceItCannotGoOn() throws Exception {
        OpsSettings anyPort = new OpsSettings(true, "127.0.0.1", 0, new OpsSettings.Access("", "", ""), null);
        try (Service service = new Service(Clock.systemUTC(), 1000);
                OpsServer server = OpsServer.start(anyPort, service.follower::alive, new Health(), () -> "")) {
            flag(1);
            await("a flag", seen -> noted() == 1);
            assertThat(live(server)).isEqualTo(200);
            Files.writeString(folder.resolve("data/journal.jsonl"), "changed by hand\nand again\n");
            await(
                    "its end",
                    seen -> seen.stream()
                            .anyMatch(event -> event instanceof Follower.Event.Failed failed
                                    && failed.why().contains("journal.jsonl:1: is not an entry")));
            service.thread.join();
            assertThat(live(server)).isEqualTo(503);
        }
    }

    private static int live(OpsServer server) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.port() + "/health/live");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** A report with a picture of an image that is erased. */
    @Test
    void takesErasedImagesOutOfReports() throws Exception {
        Path report = Files.createDirectories(folder.resolve("data/runs/old")).resolve("report.html");
        Files.writeString(report, "<figure class=\"picture\" data-image=\"flag-0\">…\n<p>kept</p>\n");
        try (Service service = new Service(Clock.systemUTC(), 1000)) {
            flag(1);
            broker.erase("flag-0");
            await("the erasure", seen -> noted() == 2);
        }
        assertThat(report).hasContent("<p>kept</p>\n");
    }

    private static int port() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

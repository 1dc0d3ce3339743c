package dev.moderato.trainer.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.ops.Health;
import dev.moderato.ops.OpsServer;
import dev.moderato.ops.OpsSettings;
import dev.moderato.trainer.evaluate.AveragePrecision;
import dev.moderato.trainer.evaluate.Evaluation;
import dev.moderato.trainer.train.StepReport;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
    private static final int WANTED = 100;

    private Instant now = Instant.EPOCH;

    private final Clock clock = new Clock() {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };
    private final Health health = new Health();
    private final RunMetrics metrics = new RunMetrics(health, WANTED, clock);

    @Test
    void isReadyOnceTheFeedbackTopicWasRead() {
        assertThat(health.ready()).isFalse();
        metrics.accept(new Follower.Event.Waiting(7));
        assertThat(health.ready()).isTrue();
        metrics.accept(new Follower.Event.Unreachable("no broker answers"));
        assertThat(health.ready()).isFalse();
        assertThat(health.parts()).containsEntry("kafka", new Health.Part(false, "no broker answers"));
        assertThat(figure("moderato_trainer_flags_waiting")).isEqualTo("7.0");
        assertThat(figure("moderato_trainer_flags_wanted")).isEqualTo("100.0");
    }

    @Test
    void tellsHowFarARunIsAndHowLongItWillTake() {
        metrics.accept(new Follower.Event.Started(WANTED));
        assertThat(state()).isEqualTo("preparing");
        metrics.started(10, 20);
        step(10);
        step(11);
        assertThat(state()).isEqualTo("training");
        assertThat(figure("moderato_trainer_progress")).isEqualTo("0.6");
        assertThat(figure("moderato_trainer_remaining_seconds")).isEqualTo("16.0");
        assertThat(figure("moderato_trainer_loss")).isEqualTo("0.5");
        assertThat(figure("moderato_trainer_step_seconds_sum")).isEqualTo("4.0");
        for (int step = 12; step < 20; step++) {
            step(step);
        }
        assertThat(state()).isEqualTo("judging");
    }

    @Test
    void tellsWhatTheGateSaidOfTheLastRun() {
        metrics.accept(new Follower.Event.Started(WANTED));
        now = now.plusSeconds(30);
        metrics.accept(finished(0.1));
        assertThat(state()).isEqualTo("waiting");
        assertThat(figure("moderato_trainer_gate_passed")).isEqualTo("1.0");
        metrics.accept(new Follower.Event.Started(WANTED));
        metrics.accept(finished(-0.1));
        assertThat(figure("moderato_trainer_gate_passed")).isEqualTo("0.0");
        assertThat(metrics.scrape())
                .contains("moderato_trainer_runs_total{ending=\"passed\"} 1.0")
                .contains("moderato_trainer_runs_total{ending=\"refused\"} 1.0")
                .contains("moderato_trainer_gate_check{check=\"average precision on held-out flags rises\"} 0.0")
                .contains("moderato_trainer_gate_check{check=\"zero-shot accuracy is kept\"} 1.0")
                .contains("moderato_trainer_run_seconds_sum 30.0");
    }

    @Test
    void warnsOfAFailedRunUntilOneComesToItsEnd() {
        metrics.accept(new Follower.Event.Waiting(WANTED));
        metrics.accept(new Follower.Event.Started(WANTED));
        metrics.accept(new Follower.Event.Failed("too few"));
        assertThat(health.ready()).isTrue();
        assertThat(health.warnings()).containsExactly(Map.entry("last run", "too few"));
        assertThat(metrics.scrape()).contains("moderato_trainer_runs_total{ending=\"failed\"} 1.0");
        metrics.accept(new Follower.Event.Started(WANTED));
        metrics.accept(finished(0.1));
        assertThat(health.warnings()).isEmpty();
    }

    @Test
    void isServedOverHttp() throws Exception {
        OpsSettings loopback = new OpsSettings(true, "127.0.0.1", 0, OpsSettings.Access.OPEN, null);
        metrics.accept(new Follower.Event.Waiting(3));
        try (OpsServer server = OpsServer.start(loopback, () -> true, health, metrics::scrape)) {
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(server, "/health/ready").body()).isEqualTo("""
                            {"ready":true,"parts":{"kafka":{"ready":true,"detail":"read"}},"warnings":{}}
                            """);
            assertThat(get(server, "/metrics").body()).contains("moderato_trainer_flags_waiting 3.0");
        }
    }

    private static HttpResponse<String> get(OpsServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private void step(long number) {
        now = now.plus(Duration.ofSeconds(2));
        metrics.step(new StepReport(number, 0.5, 1e-4, 1, 100));
    }

    private static Follower.Event finished(double gain) {
        Evaluation evaluation = new Evaluation(
                "child",
                "parent",
                "v1",
                List.of(),
                new AveragePrecision.Gain(0.5, 0.5 + gain, gain, gain),
                Map.of(),
                new Evaluation.Retention("unflagged images", 10, 1, 1),
                List.of(),
                0,
                List.of());
        return new Follower.Event.Finished(new FlagTraining.Outcome(null, evaluation, Path.of("report")));
    }

    private String state() {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("moderato_trainer_state") && line.endsWith(" 1.0"))
                .map(line -> line.replaceAll(".*\"(.*)\".*", "$1"))
                .reduce((one, other) -> one + " and " + other)
                .orElse("none");
    }

    private String figure(String name) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("none");
    }
}

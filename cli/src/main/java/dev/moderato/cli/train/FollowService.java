package dev.moderato.cli.train;

import dev.moderato.bundles.BundleStore;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.content.ContentRules;
import dev.moderato.events.ModelReleased;
import dev.moderato.ops.Health;
import dev.moderato.ops.OpsServer;
import dev.moderato.ops.OpsSettings;
import dev.moderato.trainer.dataset.FeedbackIntake;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.evaluate.Evaluation;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.runs.FlagRecipe;
import dev.moderato.trainer.runs.FlagTraining;
import dev.moderato.trainer.runs.Follower;
import dev.moderato.trainer.runs.RunMetrics;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the service until it is interrupted, and tells what it does in lines. */
final class FollowService {
    private final FollowOptions options;
    private final PrintWriter out;

    FollowService(FollowOptions options, PrintWriter out) {
        this.options = options;
        this.out = out;
    }

    /** @param recipe null takes the one for flags */
    void run(Path bundle, @Nullable Recipe recipe, String recipeText, TorchDevice device, int threads, StepLines lines)
            throws IOException, InterruptedException {
        Cluster cluster = options.cluster.cluster();
        cluster.mustBeReady();
        try (BundleStore store = options.service.store(options.place())) {
            Releases releases = new Releases(cluster.client(), cluster.topics(), store);
            follow(
                    cluster,
                    releases,
                    new Follower.Settings(
                            options.data,
                            bundle,
                            options.policy.folder(),
                            options.retention,
                            options.bundles(),
                            recipe == null ? FlagRecipe.recipe() : recipe,
                            recipe == null ? FlagRecipe.text() : recipeText,
                            device,
                            threads,
                            options.flags,
                            options.every,
                            options.replay,
                            options.promote ? candidate -> promote(cluster, releases, candidate) : null),
                    lines);
        }
    }

    private void follow(Cluster cluster, Releases releases, Follower.Settings settings, StepLines lines)
            throws IOException, InterruptedException {
        Health health = new Health();
        RunMetrics metrics = new RunMetrics(health, options.flags, Clock.systemUTC());
        Journal journal = Journal.in(options.data);
        try (FeedbackIntake intake = new FeedbackIntake(journal, cluster.client(), cluster.topics(), references());
                Follower follower = new Follower(
                        settings,
                        intake,
                        journal,
                        releases,
                        options.policy::read,
                        event -> {
                            metrics.accept(event);
                            tell(event);
                        },
                        Clock.systemUTC());
                OpsServer server = serve(follower, health, metrics)) {
            Runtime.getRuntime().addShutdownHook(new Thread(follower::stop));
            if (server != null) {
                tell("health and metrics on port " + server.port());
            }
            tell("following " + cluster.topics().feedback().name() + "; a run starts at " + options.flags
                    + " new flags");
            follower.follow(new Both(lines, metrics));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable OpsServer serve(Follower follower, Health health, RunMetrics metrics) throws IOException {
        OpsSettings settings = options.ops.settings();
        return settings.enabled() ? OpsServer.start(settings, follower::alive, health, metrics::scrape) : null;
    }

    private record Both(TrainingLoop.Listener one, TrainingLoop.Listener other) implements TrainingLoop.Listener {
        @Override
        public void started(long step, long steps) {
            one.started(step, steps);
            other.started(step, steps);
        }

        @Override
        public void step(StepReport report) {
            one.step(report);
            other.step(report);
        }
    }

    private void promote(Cluster cluster, Releases releases, ModelReleased candidate) throws PublishException {
        try {
            new Promotion(cluster, releases, options.calibrate ? options.policy : null, new CalibrationOption())
                    .promote(candidate);
        } catch (CommandFailed e) {
            throw new PublishException(candidate.getId() + " stays a candidate: " + e.getMessage(), e);
        }
    }

    /** Those of the stream, as far as the command does not say otherwise. */
    private ContentRules references() {
        ContentRules stream = options.service.read().references().rules();
        return new ContentRules(
                options.hosts.length == 0 ? stream.hosts() : List.of(options.hosts),
                stream.networks(),
                stream.maxBytes(),
                stream.connectTimeout(),
                stream.readTimeout(),
                stream.deadline(),
                stream.maxRedirects(),
                stream.attempts(),
                stream.connections(),
                options.fileRoot == null ? stream.fileRoot() : options.fileRoot,
                stream.s3());
    }

    private void tell(Follower.Event event) {
        if (event instanceof Follower.Event.Noted noted) {
            tell("noted " + noted.entries() + " judgements");
        } else if (event instanceof Follower.Event.Started started) {
            tell("training on " + started.newFlags() + " new flags");
        } else if (event instanceof Follower.Event.Finished finished) {
            tell(finished.outcome());
        } else if (event instanceof Follower.Event.Announced announced) {
            tell(announced.channel().key() + ": " + announced.id());
        } else if (event instanceof Follower.Event.Unreachable unreachable) {
            tell("waiting for Kafka: " + unreachable.why());
        } else if (event instanceof Follower.Event.Failed failed) {
            tell("failed: " + failed.why());
        }
    }

    private void tell(FlagTraining.Outcome outcome) {
        for (Evaluation.Check check : outcome.evaluation().checks()) {
            tell((check.passed() ? "passed: " : "not passed: ") + check.name() + ": " + check.detail());
        }
        tell("report: " + outcome.report().resolve("report.html"));
    }

    private void tell(String line) {
        out.println(line);
        out.flush();
    }
}

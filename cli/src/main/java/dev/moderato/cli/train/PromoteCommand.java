package dev.moderato.cli.train;

import dev.moderato.bundles.BundleStore;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.events.ModelReleased;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a bundle that passed its gate the active one. */
@Command(
        name = "promote",
        description = "Make the candidate, or another released bundle, the active one: every instance swaps to it.",
        footer = {"", "  moderato train promote", "  moderato train promote demo-v1-t1a2b3c4d"})
public final class PromoteCommand implements Callable<Integer> {
    @Parameters(index = "0", arity = "0..1", paramLabel = "ID", description = "The bundle (default: the candidate).")
    @Nullable
    String id;

    @Option(
            names = "--calibrate",
            description =
                    "Write the calibration that labels take over into the policy's file first, and wait until it is"
                            + " in force.")
    boolean calibrate;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    PolicyOption policy;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CalibrationOption calibration;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ServiceOptions service;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        try (BundleStore store = service.store(null)) {
            Releases releases = new Releases(cluster.client(), cluster.topics(), store);
            ModelReleased wanted = releases.find(id);
            new Promotion(cluster, releases, calibrate ? policy : null, calibration).promote(wanted);
            spec.commandLine().getOut().println("active: " + wanted.getId());
            return 0;
        } catch (PublishException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }
}

package dev.moderato.cli.train;

import dev.moderato.bundles.BundleStore;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.events.ModelReleased;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the active bundle's parent active again. */
@Command(
        name = "rollback",
        description = "Go back from the active bundle to the one that it was trained from.",
        footer = {"", "  moderato model rollback"})
public final class RollbackCommand implements Callable<Integer> {
    @Option(
            names = "--bundle",
            paramLabel = "DIR",
            description = "Where the parent lies if it was never released (default: the shipped model).")
    @Nullable
    Path bundle;

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
            ModelReleased parent =
                    releases.parentOfActive(bundle == null ? Launch.read().shippedModel() : bundle);
            calibration.check(cluster, parent.getId());
            releases.activate(parent);
            spec.commandLine().getOut().println("active: " + parent.getId());
            return 0;
        } catch (PublishException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }
}

package dev.moderato.cli.train;

import dev.moderato.bundles.S3Address;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.ClusterOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the service needs to know. */
public final class FollowOptions {
    @Option(
            names = "--follow",
            description =
                    "Run as a service: note flags from the feedback topic, train when there are enough, and announce"
                            + " what passes its gate.")
    boolean follow;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "training",
            description = "Where flags, data sets and reports are kept (default: ${DEFAULT-VALUE}).")
    Path data = Path.of("training");

    @Option(
            names = "--models",
            paramLabel = "DIR|s3://BUCKET/FOLDER",
            defaultValue = "models",
            description =
                    "Where new bundles are brought to: a folder that every instance of the service reads, or an S3-compatible"
                            + " store (default: ${DEFAULT-VALUE}).")
    String models = "models";

    @Option(
            names = "--retention",
            paramLabel = "FILE",
            description = "Images whose caption is their class, which must stay right (default: unflagged images of the"
                    + " stream, and what the serving model says of them).")
    @Nullable
    Path retention;

    @Option(
            names = "--flags",
            paramLabel = "N",
            defaultValue = "100",
            description = "A run starts when so many new flags have come in (default: ${DEFAULT-VALUE}).")
    int flags;

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "PT24H",
            description =
                    "Or when so long has passed since the last, with a flag at least (default: ${DEFAULT-VALUE}).")
    Duration every = Duration.ofHours(24);

    @Option(
            names = "--replay",
            paramLabel = "N",
            defaultValue = "700",
            description = "Unflagged images of the stream that a run sees besides (default: ${DEFAULT-VALUE}).")
    int replay;

    @Option(names = "--promote", description = "Make what passes its gate active at once.")
    boolean promote;

    @Option(
            names = "--calibrate",
            description = "With --promote: write the calibration that labels take over into the policy's file first.")
    boolean calibrate;

    @Option(
            names = "--file-root",
            paramLabel = "DIR",
            description = "Folder in which flagged file: references may lie (default: references.file.root).")
    @Nullable
    Path fileRoot;

    @Option(
            names = "--hosts",
            paramLabel = "HOST",
            split = ",",
            description = "Hosts that flagged images may be fetched from (default: references.hosts).")
    String[] hosts = {};

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ServiceOptions service;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    PolicyOption policy;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions cluster;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    OpsOptions ops;

    /** Where new bundles are brought to, if it is a store. */
    @Nullable
    S3Address place() {
        try {
            return S3Address.isMeant(models) ? S3Address.parse(models) : null;
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage("--models: " + e.getMessage());
        }
    }

    /** Where they appear on this machine. */
    Path bundles() {
        return S3Address.isMeant(models) ? data.resolve("candidates") : Path.of(models);
    }
}

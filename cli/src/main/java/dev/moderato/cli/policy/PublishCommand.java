package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.events.PolicyPublished;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyEdit;
import dev.moderato.streams.policies.PolicyConflictException;
import dev.moderato.streams.policies.PolicyGate;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.streams.policies.PolicyPublisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes policies that are valid, pass their own tests and differ from what is in force. */
@Command(
        name = "publish",
        description = "Publish policies that are valid, pass their own tests and differ from what is in force.",
        footer = {
            "",
            "Every running instance takes a new version over within seconds. The versions before stay in the archive.",
            "Exit code 0: published, or in force already; 1: a policy was refused; 2: wrong usage.",
            "",
            "  moderato policy publish prompts/default.yaml",
            "  moderato policy publish prompts --over 2d58d6fe185260f8   # only if nobody else published since",
            "  moderato policy publish prompts --watch"
        })
final class PublishCommand implements Callable<Integer> {
    private static final Duration QUIET = Duration.ofMillis(150);

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Policy files, or folders of them.")
    List<Path> paths = List.of();

    @Option(names = "--watch", description = "Go on publishing what is saved in the folder, until Ctrl-C.")
    boolean watch;

    @Option(
            names = "--over",
            paramLabel = "VERSION",
            description = "Publish only over this version, 'none' for a first one; else report the conflict.")
    @Nullable
    String over;

    @Option(names = "--untested", description = "Publish without running the policies' own tests.")
    boolean untested;

    @Option(
            names = "--publisher",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who publishes (default: ${DEFAULT-VALUE}).")
    String publisher = "";

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    BundleOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (watch && (paths.size() != 1 || !Files.isDirectory(paths.get(0)) || over != null)) {
            throw CommandFailed.wrongUsage("--watch takes one folder, and no --over");
        }
        List<PolicyFile> files = watch ? List.of() : PolicyFile.readAll(paths);
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        PublicationLines lines = new PublicationLines(spec.commandLine().getOut(), json);
        try (LocalModel encoder = LocalModel.open(model.bundle());
                PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            PolicyGate gate = new LocalGate(encoder, !untested);
            if (watch) {
                watch(log, gate, lines);
            }
            files.forEach(file -> publish(file, gate, log, lines));
        }
        return lines.anyRefused() ? 1 : 0;
    }

    private void watch(PolicyLog log, PolicyGate gate, PublicationLines lines) throws InterruptedException {
        PolicyPublisher watching = new PolicyPublisher(paths.get(0), QUIET, log, gate, lines);
        Runtime.getRuntime().addShutdownHook(new Thread(watching::close));
        spec.commandLine().getErr().println("publishing what is saved in " + paths.get(0) + ", until Ctrl-C");
        spec.commandLine().getErr().flush();
        new CountDownLatch(1).await();
    }

    private void publish(PolicyFile file, PolicyGate gate, PolicyLog log, PublicationLines lines) {
        String name = file.path().toString();
        String errors = PolicyGate.errors(file.parsed().diagnostics());
        if (errors != null) {
            lines.refused(name, errors);
            return;
        }
        Policy policy = file.parsed().orElseThrow();
        String current = log.read().version(policy.name());
        if (policy.version().equals(current)) {
            lines.unchanged(name, policy.name());
            return;
        }
        String reason = gate.whyNot(file.parsed(), file.folder());
        if (reason != null) {
            lines.refused(name, reason);
            return;
        }
        String seen = over == null ? current : over.equals("none") ? null : over;
        try {
            log.publish(
                    new PolicyPublished(
                            policy.name(),
                            policy.version(),
                            PolicyEdit.selfContained(file.text(), file.templates()),
                            seen,
                            publisher,
                            Instant.now().truncatedTo(ChronoUnit.MILLIS)),
                    seen);
            lines.published(name, policy.name(), policy.version());
        } catch (PolicyConflictException e) {
            lines.refused(name, String.valueOf(e.getMessage()));
        }
    }
}

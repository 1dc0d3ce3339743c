package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.events.PolicyPublished;
import dev.moderato.streams.policies.PolicyLog;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the archive of versions. */
@Command(
        name = "history",
        description = {
            "List the versions that were published, oldest first: when, by whom, over which.",
            "NAME@VERSION prints that version's text."
        },
        footer = {
            "",
            "  moderato policy history default",
            "  moderato policy history default@3632bd87654b73ab > before.yaml"
        })
final class HistoryCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME[@VERSION]", description = "A policy, or one version of it.")
    @Nullable
    String wanted;

    @Option(names = "--json", description = "Print one line of JSON a version.")
    boolean json;

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
        PolicyLog.State state;
        try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            state = log.read();
        } catch (KafkaException e) {
            throw CommandFailed.because("the policies topic cannot be read: " + e.getMessage(), e);
        }
        List<PolicyPublished> versions = state.archive().values().stream()
                .filter(version -> wanted == null || wanted.equals(version.getName()) || wanted.equals(key(version)))
                .sorted(Comparator.comparing(PolicyPublished::getName).thenComparing(PolicyPublished::getAt))
                .toList();
        if (versions.isEmpty()) {
            throw CommandFailed.because("nothing was published" + (wanted == null ? "" : " as " + wanted)
                    + "; `moderato policy history` lists all");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (wanted != null && wanted.contains("@") && !json) {
            out.print(versions.get(0).getSource());
        } else {
            print(versions, state, out);
        }
        out.flush();
        return 0;
    }

    private void print(List<PolicyPublished> versions, PolicyLog.State state, PrintWriter out) {
        Table table = new Table("policy", "published", "by", "over", "");
        for (PolicyPublished version : versions) {
            boolean inForce = version.getVersion().equals(state.version(version.getName()));
            if (json) {
                out.println(JsonLine.write(JsonLine.object()
                        .put("policy", version.getName())
                        .put("version", version.getVersion())
                        .put("at", version.getAt().toString())
                        .put("publisher", version.getPublisher())
                        .put("parent", version.getParent())
                        .put("inForce", inForce)
                        .put("source", version.getSource())));
            } else {
                table.row(
                        key(version),
                        version.getAt().toString(),
                        version.getPublisher(),
                        version.getParent() == null ? "none" : version.getParent(),
                        inForce ? "in force" : "");
            }
        }
        table.print(out);
    }

    private static String key(PolicyPublished version) {
        return version.getName() + "@" + version.getVersion();
    }
}

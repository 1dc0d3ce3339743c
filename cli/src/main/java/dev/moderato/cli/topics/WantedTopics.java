package dev.moderato.cli.topics;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.TopicProvisioner;
import dev.moderato.schemas.Topics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which topics are wanted, and of which cluster. */
final class WantedTopics {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions cluster;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "" + Topics.DEFAULT_PARTITIONS,
            description = "Partitions of the topics that carry images and what is made of them (default:"
                    + " ${DEFAULT-VALUE}). docs/operations.md says how many; they cannot be changed later.")
    int partitions = Topics.DEFAULT_PARTITIONS;

    @Option(
            names = "--replication",
            paramLabel = "N",
            description = "Copies of each partition (default: as the cluster is set; then it is not checked).")
    @Nullable
    Short replication;

    @Option(names = "--json", description = "Print JSON lines, one a topic.")
    boolean json;

    /** The catalogue that these options describe. */
    List<Topic> catalogue() {
        try {
            return new Topics(cluster.cluster().topics().prefix(), partitions).all();
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    /** Asks the cluster. */
    <T> T ask(Function<TopicProvisioner, T> question) {
        if (replication != null && replication < 1) {
            throw CommandFailed.wrongUsage("--replication is " + replication + "; write 1 or more");
        }
        Cluster asked = cluster.cluster();
        return asked.administer(admin -> question.apply(new TopicProvisioner(admin, Optional.ofNullable(replication))));
    }
}

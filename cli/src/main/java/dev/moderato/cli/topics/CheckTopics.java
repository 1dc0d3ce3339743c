package dev.moderato.cli.topics;

import dev.moderato.schemas.Topic;
import dev.moderato.schemas.TopicDrift;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Reports what differs, and changes nothing. */
@Command(
        name = "check",
        description = "Report how the cluster's topics differ from what Moderato needs. Changes nothing.",
        footer = {
            "",
            "Exit code 0 when they serve as they are (more than is wanted harms nobody), 1 when they do not.",
            "",
            "  moderato topics check --config client.properties --partitions 48 --replication 3 --json"
        })
final class CheckTopics implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private WantedTopics wanted;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Topic> catalogue = wanted.catalogue();
        List<TopicDrift> drifts = wanted.ask(provisioner -> provisioner.check(catalogue));
        new TopicReport(spec.commandLine().getOut(), wanted.json, false).print(catalogue, drifts);
        return drifts.stream().allMatch(TopicDrift::harmless) ? 0 : 1;
    }
}

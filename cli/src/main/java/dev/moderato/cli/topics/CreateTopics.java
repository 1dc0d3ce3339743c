package dev.moderato.cli.topics;

import dev.moderato.schemas.Topic;
import dev.moderato.schemas.TopicDrift;
import dev.moderato.schemas.TopicDrift.Remedy;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes what is missing, raises what is too small, and never shrinks anything. */
@Command(
        name = "create",
        description = "Create missing topics and raise a retention or message size that is too small. Nothing is ever"
                + " shrunk, and running it again is harmless.",
        footer = {
            "",
            "Exit code 1 when something is left that a person must decide, as too few partitions of a topic that exists.",
            "",
            "  moderato topics create --bootstrap kafka-1:9092 --partitions 48 --replication 3"
        })
final class CreateTopics implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private WantedTopics wanted;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Topic> catalogue = wanted.catalogue();
        List<TopicDrift> before = wanted.ask(provisioner -> provisioner.create(catalogue));
        new TopicReport(spec.commandLine().getOut(), wanted.json, true).print(catalogue, before);
        return before.stream().anyMatch(drift -> drift.remedy() == Remedy.DECIDE) ? 1 : 0;
    }
}

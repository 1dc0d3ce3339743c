package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.streams.policies.PolicyConflictException;
import dev.moderato.streams.policies.PolicyLog;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a policy out of force. */
@Command(
        name = "retire",
        description = {
            "Take a policy out of force. Images that ask for it end as failures with the reason UNKNOWN_POLICY.",
            "Its versions stay in the archive; `moderato policy publish` brings it back."
        })
final class RetireCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The policy's name.")
    String name = "";

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
        try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            PolicyLog.State state = log.read();
            String version = state.version(name);
            if (version == null) {
                throw CommandFailed.because("no policy " + name + " is in force; in force are "
                        + String.join(", ", state.current().keySet()));
            }
            log.retire(name, version);
            spec.commandLine().getOut().println("retired: policy " + name + "@" + version);
        } catch (PolicyConflictException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
        return 0;
    }
}

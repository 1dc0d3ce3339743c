package dev.moderato.cli.train;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.streams.policies.PolicyLog;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Option;

/** A bundle becomes active where the policies in force are calibrated for it, or somebody insists. */
public final class CalibrationOption {
    @Option(
            names = "--uncalibrated",
            description = "Activate it although labels are calibrated for other bundles alone: their scores mean"
                    + " something else then.")
    boolean uncalibrated;

    /** @throws CommandFailed with the labels that are calibrated, but not for this bundle */
    void check(Cluster cluster, String bundle) {
        if (uncalibrated) {
            return;
        }
        try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            log.read().current().forEach((name, published) -> {
                Policy policy = PolicyParser.parse(published.getSource(), name, Templates.none())
                        .policy();
                List<String> labels = policy == null ? List.of() : policy.uncalibrated(bundle);
                if (!labels.isEmpty()) {
                    throw CommandFailed.because("policy " + name + " has labels that are calibrated, but not for "
                            + bundle + ": " + String.join(", ", labels)
                            + ". Calibrate them with `moderato policy calibrate FILE --label LABEL --model BUNDLE_DIR`"
                            + " and publish the file, or say --uncalibrated.");
                }
            });
        } catch (KafkaException e) {
            throw CommandFailed.because("the policies in force cannot be read: " + e.getMessage(), e);
        }
    }
}

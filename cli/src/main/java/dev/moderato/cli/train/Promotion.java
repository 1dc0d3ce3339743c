package dev.moderato.cli.train;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.events.ModelReleased;
import dev.moderato.inference.policy.Calibration;
import dev.moderato.inference.policy.Policy;
import dev.moderato.streams.policies.PolicyLog;
import dev.moderato.trainer.evaluate.Recalibration;
import dev.moderato.trainer.publish.PublishException;
import dev.moderato.trainer.publish.Releases;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a released bundle active. The calibration that its labels take over is in force before it, so that no image is scored without.
 *
 * @param calibrated the policy into whose file the entries are written; null for none
 * @param calibration what is asked of all policies in force
 */
record Promotion(
        Cluster cluster, Releases releases, @Nullable PolicyOption calibrated, CalibrationOption calibration) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 200;

    /** @throws CommandFailed where labels are not calibrated for it */
    void promote(ModelReleased wanted) throws PublishException {
        if (calibrated != null) {
            Map<String, Calibration> entries =
                    Recalibration.missing(calibrated.read(), wanted.getParent(), wanted.getId());
            if (!entries.isEmpty()) {
                calibrated.calibrate(wanted.getId(), entries);
                awaitInForce(calibrated);
            }
        }
        calibration.check(cluster, wanted.getId());
        releases.activate(wanted);
    }

    private void awaitInForce(PolicyOption policy) throws PublishException {
        Policy wanted = policy.read();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (PolicyLog log = new PolicyLog(cluster.topics(), cluster.client(), cluster.serdes())) {
            while (!Objects.equals(log.read().version(wanted.name()), wanted.version())) {
                if (System.nanoTime() > deadline) {
                    throw new PublishException(
                            policy.path() + " holds the calibration now, and is not in force: publish"
                                    + " it with `moderato policy publish " + policy.path() + "`, then promote again");
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublishException("interrupted while waiting for the policy", e);
        }
    }
}

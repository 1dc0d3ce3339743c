package dev.moderato.streams;

import dev.moderato.ops.Health;
import dev.moderato.streams.models.DistributionListener;
import dev.moderato.streams.models.ModelIdentity;
import dev.moderato.streams.ops.AppMetrics;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what became of policies and models: in the log, on health, in a metric. */
final class Announcements implements DistributionListener {
    private static final Logger log = LoggerFactory.getLogger(Announcements.class);

    private static final String TOPICS = "policies and models topics";

    private final Health health;
    private final AppMetrics metrics;

    Announcements(Health health, AppMetrics metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public void policyAccepted(String name, String version) {
        log.info("policy {}@{} is in force", name, version);
        health.clear("policy " + name);
        health.up("policy " + name, version);
        metrics.inForce("policy", name, version);
        metrics.distributed("policy", true);
    }

    @Override
    public void policyRefused(String name, String version, String reason) {
        log.error("policy {}@{} is refused and changes nothing: {}", name, version, reason);
        health.warn("policy " + name, version + " is refused: " + reason);
        metrics.distributed("policy", false);
    }

    @Override
    public void policyRetired(String name) {
        log.info("policy {} is retired", name);
        health.clear("policy " + name);
        health.clear(FolderReports.fileOf(name));
        health.clear(calibrationOf(name));
        health.remove("policy " + name);
        metrics.retired("policy", name);
    }

    @Override
    public void modelAccepted(ModelIdentity model) {
        log.info(
                "model {} is in service{}",
                model,
                model.trained() ? "" : " (untrained encoder: verdicts are meaningless)");
        health.clear("model");
        health.up("model", model + (model.trained() ? "" : " (untrained encoder: verdicts are meaningless)"));
        metrics.inForce("model", "", model.toString());
        metrics.distributed("model", true);
    }

    @Override
    public void uncalibrated(String policy, ModelIdentity model, List<String> labels) {
        metrics.uncalibrated(policy, labels.size());
        String what = calibrationOf(policy);
        if (labels.isEmpty()) {
            health.clear(what);
            return;
        }
        String detail = "not calibrated for " + model.id() + ": " + String.join(", ", labels)
                + "; their thresholds were chosen for scores of another model. Fit them with `moderato policy calibrate`";
        if (!detail.equals(health.warnings().get(what))) {
            log.warn("policy {} is {}", policy, detail);
            health.warn(what, detail);
        }
    }

    private static String calibrationOf(String policy) {
        return "calibration of policy " + policy;
    }

    @Override
    public void notFollowed(String reason) {
        log.error("policies and models are not followed and stay as they are: {}", reason);
        health.warn(TOPICS, "not followed, so policies and models stay as they are: " + reason);
    }

    @Override
    public void followed() {
        health.clear(TOPICS);
    }

    @Override
    public void modelRefused(String model, String reason) {
        log.error("model {} is refused and changes nothing: {}", model, reason);
        health.warn("model", model + " is refused: " + reason);
        metrics.distributed("model", false);
    }
}

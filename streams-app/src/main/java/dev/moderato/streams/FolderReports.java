package dev.moderato.streams;

import dev.moderato.ops.Health;
import dev.moderato.streams.ops.AppMetrics;
import dev.moderato.streams.policies.PolicyListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what became of the files in the prompt folder: in the log, on health, in a metric. */
final class FolderReports implements PolicyListener {
    private static final Logger log = LoggerFactory.getLogger(FolderReports.class);

    private final Health health;
    private final AppMetrics metrics;

    FolderReports(Health health, AppMetrics metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public void published(String file, String name, String version) {
        log.info("{}: policy {}@{} is published", file, name, version);
        health.clear(file);
        health.clear(fileOf(name));
    }

    @Override
    public void unchanged(String file, String name) {
        health.clear(file);
        health.clear(fileOf(name));
    }

    @Override
    public void refused(String file, String reason) {
        log.error("{} is not published and changes nothing: {}", file, reason);
        health.warn(file, reason);
        metrics.distributed("file", false);
    }

    @Override
    public void gone(String file, String name) {
        String advice = "is gone and policy " + name + " stays in force: put the file back, or end the policy with"
                + " `moderato policy retire " + name + "`";
        log.warn("{} {}", file, advice);
        health.clear(file);
        health.warn(fileOf(name), file + " " + advice);
    }

    /** Under what a missing file is reported, until the file is back or the policy is retired. */
    static String fileOf(String policy) {
        return "file of policy " + policy;
    }
}

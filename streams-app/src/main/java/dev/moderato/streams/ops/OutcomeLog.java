package dev.moderato.streams.ops;

import dev.moderato.streams.judge.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs each outcome at DEBUG, with the image's id and what it was judged by as values of their own. */
final class OutcomeLog {
    private static final Logger log = LoggerFactory.getLogger(OutcomeLog.class);

    private OutcomeLog() {}

    static void sent(String id, Outcome outcome) {
        LoggingEventBuilder line = log.atLevel(Level.DEBUG).addKeyValue("image", id);
        if (outcome instanceof Outcome.Moderated moderated) {
            line.addKeyValue("policy", moderated.policy() + "@" + moderated.policyVersion())
                    .addKeyValue("model", moderated.model())
                    .log("{}", moderated.decision().verdict());
        } else if (outcome instanceof Outcome.Failed failed) {
            line.log("no verdict: {}: {}", failed.reason(), failed.detail());
        }
    }
}

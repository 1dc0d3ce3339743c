package dev.moderato.cli.topics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.cluster.OutcomeText;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.TopicDrift;
import dev.moderato.schemas.TopicDrift.Remedy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Tells how each topic stands.
 *
 * @param applied whether what could be remedied was
 */
record TopicReport(PrintWriter out, boolean json, boolean applied) {
    /** Prints one line a topic as JSON, or one a drift in words with a sum at the end. */
    void print(List<Topic> catalogue, List<TopicDrift> drifts) {
        for (Topic topic : catalogue) {
            List<TopicDrift> own = drifts.stream()
                    .filter(drift -> drift.topic().equals(topic.name()))
                    .toList();
            if (json) {
                out.println(OutcomeText.write(tree(topic, own)));
            } else {
                own.forEach(drift -> out.println(words(topic, drift)));
            }
        }
        if (!json) {
            out.println(sum(catalogue, drifts));
        }
        out.flush();
    }

    private ObjectNode tree(Topic topic, List<TopicDrift> drifts) {
        ObjectNode line = OutcomeText.object();
        line.put("topic", topic.name());
        line.put("asWanted", drifts.stream().allMatch(drift -> applied && isRemedied(drift)));
        line.put("partitions", topic.partitions());
        ObjectNode config = line.putObject("config");
        topic.config().forEach(config::put);
        ArrayNode differences = line.putArray("drifts");
        for (TopicDrift drift : drifts) {
            differences
                    .addObject()
                    .put("setting", drift.setting())
                    .put("wanted", drift.wanted())
                    .put("found", drift.found())
                    .put("remedy", drift.remedy().name())
                    .put("done", applied && isRemedied(drift));
        }
        return line;
    }

    private String words(Topic topic, TopicDrift drift) {
        if (!applied || !isRemedied(drift)) {
            return drift.toString();
        }
        return drift.remedy() == Remedy.CREATE
                ? "created " + topic.name() + ": " + layout(topic)
                : "raised " + topic.name() + ": " + drift.setting() + " from " + drift.found() + " to "
                        + drift.wanted();
    }

    private String sum(List<Topic> catalogue, List<TopicDrift> drifts) {
        long open = drifts.stream()
                .filter(drift -> !drift.harmless() && !(applied && isRemedied(drift)))
                .count();
        String topics = catalogue.size() + " topics: ";
        return topics + (open == 0 ? "they serve as they are." : open + " differences to be dealt with.");
    }

    private static boolean isRemedied(TopicDrift drift) {
        return drift.remedy() == Remedy.CREATE || drift.remedy() == Remedy.RAISE;
    }

    private static String layout(Topic topic) {
        Duration retention = topic.retention();
        return String.format(
                Locale.ROOT,
                "%d %s, %s%s, records up to %.0f MiB",
                topic.partitions(),
                topic.partitions() == 1 ? "partition" : "partitions",
                topic.cleanup().policy(),
                retention == null ? "" : " after " + retention.toDays() + " days",
                topic.maxMessageBytes() / (double) (1 << 20));
    }
}

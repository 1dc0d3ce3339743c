package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.policy.Label;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyDiff.Change;
import dev.moderato.inference.policy.PolicyDiff.Example;
import dev.moderato.inference.policy.PolicyDiff.LabelChange;
import dev.moderato.inference.policy.PolicyDiff.Result;
import dev.moderato.inference.policy.Rule;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.streams.rescore.Tally;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What two policies make of the same images, for people and for programs. */
record Comparison(Policy before, Policy after, String modelId, Result<ComparedImage> result, Tally tally) {
    private static final int SHOWN = 3;

    void print(PrintWriter out) {
        out.printf(
                "%s under %s (old) and %s (new), encoded by %s%n",
                images(result.images()), name(before), name(after), modelId);
        Table verdicts = new Table("", "allow", "review", "block");
        row(verdicts, "old", result.before());
        row(verdicts, "new", result.after());
        verdicts.print(out);
        out.println(result.changed() == 0 ? "no verdict changes" : verdictChanges());
        if (result.skipped() > 0) {
            out.println(images(result.skipped()) + " left out: one of the policies does not have their surface");
        }
        Table labels = new Table("label", "change", "images", "thresholds", "most changed");
        for (LabelChange<ComparedImage> change : result.labels()) {
            labels.row(
                    change.label(),
                    words(change.change()),
                    Long.toString(change.count()),
                    thresholds(change.label()),
                    change.examples().stream()
                            .limit(SHOWN)
                            .map(Comparison::words)
                            .collect(Collectors.joining(", ")));
        }
        labels.print(out);
    }

    private static void row(Table table, String name, Map<Verdict, Long> counts) {
        table.row(name, count(counts, Verdict.ALLOW), count(counts, Verdict.REVIEW), count(counts, Verdict.BLOCK));
    }

    private static String count(Map<Verdict, Long> counts, Verdict verdict) {
        return Long.toString(counts.getOrDefault(verdict, 0L));
    }

    String verdictChanges() {
        return result.changed()
                + (result.changed() == 1 ? " verdict changes: " : " verdicts change: ")
                + result.verdicts().entrySet().stream()
                        .map(change -> change.getValue() + " " + words(change.getKey()))
                        .collect(Collectors.joining(", "));
    }

    static String images(long count) {
        return count + (count == 1 ? " image" : " images");
    }

    static String name(Policy policy) {
        return policy.name() + "@" + policy.version();
    }

    static String words(Change change) {
        return change.from().word() + " → " + change.to().word();
    }

    private static String words(Example<ComparedImage> example) {
        return example.image().id() + " (" + scores(example) + ")";
    }

    /** One number where only the thresholds moved. */
    static String scores(Example<?> example) {
        String before = String.format(Locale.ROOT, "%.3f", example.before());
        String after = String.format(Locale.ROOT, "%.3f", example.after());
        return before.equals(after) ? before : before + " → " + after;
    }

    /** A label's thresholds where no surface overrides them, and what they become. */
    String thresholds(String label) {
        String old = thresholds(before.label(label));
        String now = thresholds(after.label(label));
        return old.equals(now) ? old : old + " → " + now;
    }

    private static String thresholds(@Nullable Label label) {
        if (label == null) {
            return "no such label";
        }
        Rule rule = label.rule();
        return Stream.of(threshold("review", rule.review()), threshold("block", rule.block()))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.collectingAndThen(Collectors.joining(" "), text -> text.isEmpty() ? "none" : text));
    }

    private static String threshold(String name, @Nullable Double threshold) {
        return threshold == null ? "" : name + " " + threshold;
    }

    String json() {
        ObjectNode line = JsonLine.object();
        line.set("old", json(before));
        line.set("new", json(after));
        line.put("model", modelId).put("images", result.images()).put("skipped", result.skipped());
        line.set("before", json(result.before()));
        line.set("after", json(result.after()));
        line.put("changed", result.changed());
        ArrayNode verdicts = line.putArray("verdicts");
        result.verdicts().forEach((change, count) -> put(verdicts.addObject(), change, count));
        ArrayNode labels = line.putArray("labels");
        for (LabelChange<ComparedImage> change : result.labels()) {
            ObjectNode node = put(labels.addObject().put("label", change.label()), change.change(), change.count());
            ArrayNode examples = node.putArray("examples");
            change.examples()
                    .forEach(example -> examples.addObject()
                            .put("id", example.image().id())
                            .put("before", example.before())
                            .put("after", example.after()));
        }
        TallyText.put(line.putObject("embeddings"), tally);
        return JsonLine.write(line);
    }

    private static ObjectNode json(Policy policy) {
        return JsonLine.object().put("name", policy.name()).put("version", policy.version());
    }

    private static ObjectNode json(Map<Verdict, Long> counts) {
        ObjectNode node = JsonLine.object();
        counts.forEach((verdict, count) -> node.put(verdict.word(), count));
        return node;
    }

    private static ObjectNode put(ObjectNode node, Change change, long count) {
        return node.put("from", change.from().word())
                .put("to", change.to().word())
                .put("count", count);
    }
}

package dev.moderato.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Source;
import dev.moderato.events.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An outcome as a line: JSON for programs, words for people. */
public final class OutcomeText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private OutcomeText() {}

    public static String json(Outcome outcome) {
        return write(
                outcome instanceof Outcome.Judged judged
                        ? json(judged.result())
                        : json(((Outcome.Failed) outcome).failure()));
    }

    /** Any tree on one line. */
    public static String write(ObjectNode tree) {
        try {
            return JSON.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private static ObjectNode json(ModerationResult result) {
        ObjectNode line = object();
        line.put("id", result.getId());
        line.put("verdict", result.getVerdict().name());
        ArrayNode labels = line.putArray("labels");
        result.getLabels().forEach(label -> labels.add(json(label)));
        line.putObject("policy")
                .put("name", result.getPolicy().getName())
                .put("version", result.getPolicy().getVersion());
        line.put("surface", result.getSurface());
        line.put("tenant", result.getTenant());
        line.putObject("model")
                .put("id", result.getModel().getId())
                .put("sha256", result.getModel().getSha256());
        line.putObject("image")
                .put("sha256", result.getImage().getSha256())
                .put("width", result.getImage().getWidth())
                .put("height", result.getImage().getHeight())
                .put("format", result.getImage().getFormat().name())
                .put("frames", result.getImage().getFrames());
        line.set("source", json(result.getSource()));
        line.put("origin", result.getOrigin().name());
        line.put("cached", result.getCached());
        line.put("processedAt", result.getProcessedAt().toString());
        return line;
    }

    private static ObjectNode json(LabelResult label) {
        ObjectNode node = object();
        node.put("label", label.getLabel());
        node.put("score", label.getScore());
        node.put("outcome", label.getOutcome().name());
        node.put("action", label.getAction());
        node.put("winningPrompt", label.getWinningPrompt());
        node.put("nearestNeutral", label.getNearestNeutral());
        node.put("margin", label.getMargin());
        node.put("review", label.getThresholds().getReview());
        node.put("block", label.getThresholds().getBlock());
        node.put("group", label.getGroup());
        node.put("shadow", label.getShadow());
        node.put("calibrated", label.getCalibrated());
        return node;
    }

    private static ObjectNode json(ModerationFailure failure) {
        ObjectNode line = object();
        line.put("id", failure.getId());
        line.put("failed", failure.getReason().name());
        line.put("detail", failure.getDetail());
        line.put("policy", failure.getPolicy());
        line.put("sha256", failure.getSha256());
        line.put("size", failure.getSize());
        line.set("source", json(failure.getSource()));
        line.put("processedAt", failure.getProcessedAt().toString());
        return line;
    }

    private static ObjectNode json(Source source) {
        ObjectNode node = object();
        node.put("topic", source.getTopic());
        node.put("partition", source.getPartition());
        node.put("offset", source.getOffset());
        node.put(
                "reference",
                source.getReference() == null ? null : source.getReference().getUri());
        return node;
    }

    /** For people: the verdict, the id, and why. */
    public static String words(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return String.format(
                    Locale.ROOT,
                    "%-7s %s  %s: %s",
                    "FAILED",
                    failed.id(),
                    failed.failure().getReason(),
                    failed.failure().getDetail());
        }
        ModerationResult result = ((Outcome.Judged) outcome).result();
        return String.format(Locale.ROOT, "%-7s %s  %s", result.getVerdict(), result.getId(), why(result));
    }

    private static String why(ModerationResult result) {
        List<LabelResult> deciding = deciding(result);
        if (deciding.isEmpty()) {
            return result.getLabels().stream()
                    .filter(label -> !label.getGroup() && !label.getShadow())
                    .max(Comparator.comparingDouble(LabelResult::getScore))
                    .map(label -> "highest: " + words(label))
                    .orElse("");
        }
        return deciding.stream().map(OutcomeText::words).collect(Collectors.joining("; "));
    }

    /** The labels whose outcome is the verdict, highest score first; empty for ALLOW. */
    public static List<LabelResult> deciding(ModerationResult result) {
        return result.getLabels().stream()
                .filter(label -> !label.getGroup() && !label.getShadow())
                .filter(label -> label.getOutcome() == result.getVerdict() && result.getVerdict() != Verdict.ALLOW)
                .sorted(Comparator.comparingDouble(LabelResult::getScore).reversed())
                .toList();
    }

    private static String words(LabelResult label) {
        return String.format(
                Locale.ROOT,
                "%s %.2f (\"%s\" over \"%s\" by %.3f)%s",
                label.getLabel(),
                label.getScore(),
                label.getWinningPrompt(),
                label.getNearestNeutral(),
                label.getMargin(),
                isNamed(label) ? " → " + label.getAction() : "");
    }

    /** Whether the policy says more of what to do than the verdict does. */
    private static boolean isNamed(LabelResult label) {
        return label.getAction() != null
                && !label.getAction().equalsIgnoreCase(label.getOutcome().name());
    }
}

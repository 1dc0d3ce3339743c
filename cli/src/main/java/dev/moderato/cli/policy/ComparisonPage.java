package dev.moderato.cli.policy;

import dev.moderato.inference.image.Thumbnail;
import dev.moderato.inference.policy.PolicyDiff.Example;
import dev.moderato.inference.policy.PolicyDiff.LabelChange;
import dev.moderato.inference.policy.Verdict;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as a page, with the images that changed most.
 *
 * @param images an image's bytes; null where they are not at hand
 */
record ComparisonPage(Comparison comparison, Function<ComparedImage, byte @Nullable []> images) {
    private static final int THUMBNAIL = 240;

    Page page() {
        String body = "<p>%s, encoded by %s. %s.</p>%n<table><tr><th></th><th class=\"number\">allow</th>"
                        .formatted(
                                Comparison.images(comparison.result().images()),
                                Page.escaped(comparison.modelId()),
                                comparison.result().changed() == 0
                                        ? "No verdict changes"
                                        : Page.escaped(comparison.verdictChanges()))
                + "<th class=\"number\">review</th><th class=\"number\">block</th></tr>\n"
                + row(
                        "old: " + Comparison.name(comparison.before()),
                        comparison.result().before())
                + row(
                        "new: " + Comparison.name(comparison.after()),
                        comparison.result().after())
                + "</table>\n"
                + comparison.result().labels().stream().map(this::section).collect(Collectors.joining());
        return new Page("What the new policy changes", body);
    }

    private static String row(String name, Map<Verdict, Long> counts) {
        StringBuilder row =
                new StringBuilder("<tr><td>").append(Page.escaped(name)).append("</td>");
        for (Verdict verdict : Verdict.values()) {
            row.append("<td class=\"number\">")
                    .append(counts.getOrDefault(verdict, 0L))
                    .append("</td>");
        }
        return row.append("</tr>\n").toString();
    }

    private String section(LabelChange<ComparedImage> change) {
        return "<h2>%s: %s, %s</h2>%n<p class=\"thresholds\">thresholds: %s</p>%n<div class=\"cards\">%s</div>%n"
                .formatted(
                        Page.escaped(change.label()),
                        Comparison.words(change.change()),
                        Comparison.images(change.count()),
                        Page.escaped(comparison.thresholds(change.label())),
                        change.examples().stream().map(this::card).collect(Collectors.joining()));
    }

    private String card(Example<ComparedImage> example) {
        byte[] bytes = images.apply(example.image());
        String thumbnail = bytes == null ? null : Thumbnail.of(bytes, THUMBNAIL);
        String id = Page.escaped(example.image().id());
        return "<div class=\"card\">"
                + (thumbnail == null
                        ? "<div class=\"none\">image not at hand</div>"
                        : "<img src=\"" + thumbnail + "\" alt=\"" + id + "\" loading=\"lazy\">")
                + "<b>%s</b><code title=\"%s\">%s</code></div>%n".formatted(Comparison.scores(example), id, id);
    }
}

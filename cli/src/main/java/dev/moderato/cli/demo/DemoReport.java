package dev.moderato.cli.demo;

import dev.moderato.cli.cluster.Outcome;
import dev.moderato.cli.cluster.OutcomeText;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModerationFailure;
import dev.moderato.events.ModerationResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The demo's report: one HTML page that needs nothing but itself. */
final class DemoReport {
    private static final int BARS = 4;

    private final DemoFigures figures;
    private final List<DemoCard> cards;

    /** Blocked first, then reviews, then the rest, failures last. */
    DemoReport(DemoFigures figures, List<DemoCard> cards) {
        this.figures = figures;
        this.cards = cards.stream()
                .sorted(Comparator.comparingInt(DemoReport::rank)
                        .thenComparing(
                                Comparator.comparingDouble(DemoReport::highest).reversed()))
                .toList();
    }

    String html() {
        return template()
                .replace("{{notice}}", figures.trained() ? "" : "<p class=\"notice\">" + DemoFigures.UNTRAINED + "</p>")
                .replace("{{model}}", escaped(figures.modelId()))
                .replace("{{tiles}}", tiles())
                .replace("{{filters}}", filters())
                .replace("{{cards}}", cards.stream().map(DemoReport::card).collect(Collectors.joining("\n")));
    }

    private static String template() {
        try (InputStream in = DemoReport.class.getResourceAsStream("report.html")) {
            if (in == null) {
                throw new IllegalStateException("report.html is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("report.html cannot be read from the jar", e);
        }
    }

    private String tiles() {
        List<String> tiles = new ArrayList<>();
        tiles.add(tile("images", Integer.toString(figures.images())));
        tiles.add(tile("right verdicts", figures.right() + "<small> of " + figures.expectedRight() + "</small>"));
        tiles.add(tile("images a second", String.format(Locale.ROOT, "%.0f", figures.imagesPerSecond())));
        tiles.add(tile("median latency", String.format(Locale.ROOT, "%.0f<small> ms</small>", figures.p50Ms())));
        tiles.add(tile("99th percentile", String.format(Locale.ROOT, "%.0f<small> ms</small>", figures.p99Ms())));
        tiles.add(tile(
                "first verdict after",
                String.format(Locale.ROOT, "%.1f<small> s</small>", figures.firstVerdictMs() / 1000.0)));
        return String.join("\n", tiles);
    }

    private static String tile(String name, String value) {
        return "<div class=\"tile\"><b>" + value + "</b><span>" + name + "</span></div>";
    }

    private String filters() {
        return List.of("block", "review", "allow", "failed").stream()
                .map(kind -> "<button class=\"filter " + kind + "\" data-kind=\"" + kind + "\" aria-pressed=\"true\">"
                        + kind + " <b>"
                        + cards.stream().filter(card -> kind(card).equals(kind)).count() + "</b></button>")
                .collect(Collectors.joining("\n"));
    }

    private static String card(DemoCard card) {
        String body = card.outcome() instanceof Outcome.Judged judged
                ? judged(judged.result())
                : failed(((Outcome.Failed) card.outcome()).failure());
        String picture = card.thumbnail() == null
                ? "<div class=\"picture none\">no image</div>"
                : "<div class=\"picture\"><img src=\"" + card.thumbnail() + "\" alt=\"" + escaped(card.file())
                        + "\" loading=\"lazy\"></div>";
        String mark = !card.isKnown()
                ? ""
                : card.isRight()
                        ? "<span class=\"right\" title=\"the right verdict\">✓</span>"
                        : "<span class=\"wrong\">✗ expected "
                                + String.valueOf(card.expected()).toLowerCase(Locale.ROOT) + "</span>";
        return "<article data-kind=\"" + kind(card) + "\">" + picture + "<header><span class=\"verdict " + kind(card)
                + "\">" + kind(card) + "</span>" + mark + "<code>" + escaped(card.file()) + "</code></header>" + body
                + "</article>";
    }

    private static String judged(ModerationResult result) {
        List<LabelResult> top = result.getLabels().stream()
                .filter(label -> !label.getGroup())
                .sorted(Comparator.comparingDouble(LabelResult::getScore).reversed())
                .limit(BARS)
                .toList();
        LabelResult shown = OutcomeText.deciding(result).stream().findFirst().orElse(top.get(0));
        return "<div class=\"bars\">" + top.stream().map(DemoReport::bar).collect(Collectors.joining())
                + "</div><p class=\"why\">“" + escaped(shown.getWinningPrompt()) + "” is "
                + (shown.getMargin() >= 0 ? "nearer than" : "farther than") + " “" + escaped(shown.getNearestNeutral())
                + "” by "
                + String.format(Locale.ROOT, "%.3f", Math.abs(shown.getMargin())) + "</p>";
    }

    private static String bar(LabelResult label) {
        String ticks = tick("review", label.getThresholds().getReview())
                + tick("block", label.getThresholds().getBlock());
        return String.format(
                Locale.ROOT,
                "<div class=\"bar\"><span>%s%s</span><i><em class=\"%s\" style=\"width:%.1f%%\"></em>%s</i><b>%.2f</b></div>",
                escaped(label.getLabel()),
                label.getShadow() ? " <small>shadow</small>" : "",
                label.getOutcome().name().toLowerCase(Locale.ROOT),
                label.getScore() * 100,
                ticks,
                label.getScore());
    }

    private static String tick(String name, @Nullable Double threshold) {
        return threshold == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "<u class=\"%s\" style=\"left:%.1f%%\" title=\"%s from %.2f\"></u>",
                        name,
                        threshold * 100,
                        name,
                        threshold);
    }

    private static String failed(ModerationFailure failure) {
        return "<p class=\"reason\">" + failure.getReason() + "</p><p class=\"why\">" + escaped(failure.getDetail())
                + "</p>";
    }

    static String kind(DemoCard card) {
        return card.outcome() instanceof Outcome.Judged judged
                ? judged.result().getVerdict().name().toLowerCase(Locale.ROOT)
                : "failed";
    }

    private static int rank(DemoCard card) {
        return List.of("block", "review", "allow", "failed").indexOf(kind(card));
    }

    private static double highest(DemoCard card) {
        return card.outcome() instanceof Outcome.Judged judged
                ? judged.result().getLabels().stream()
                        .mapToDouble(LabelResult::getScore)
                        .max()
                        .orElse(0)
                : 0;
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}

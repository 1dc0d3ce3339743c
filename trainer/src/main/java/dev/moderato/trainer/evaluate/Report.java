package dev.moderato.trainer.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** An evaluation as {@code report.json} and as a {@code report.html} that needs no other file. */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHANGED = 20;
    private static final int WIDTH = 360;
    private static final int HEIGHT = 200;

    private Report() {}

    /** Writes both into a folder, which is made where it is missing. */
    public static void write(Path folder, Evaluation evaluation) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("report.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json(evaluation)) + "\n");
        Files.writeString(folder.resolve("report.html"), html(evaluation));
    }

    private static ObjectNode json(Evaluation evaluation) {
        ObjectNode root = JSON.createObjectNode();
        root.put("candidate", evaluation.candidate());
        root.put("parent", evaluation.parent());
        root.put("dataSet", evaluation.dataSet());
        root.put("passed", evaluation.passed());
        root.set("checks", JSON.valueToTree(evaluation.checks()));
        root.set("averagePrecision", JSON.valueToTree(evaluation.gain()));
        root.set("byLabel", JSON.valueToTree(evaluation.byLabel()));
        root.set("retention", JSON.valueToTree(evaluation.retention()));
        root.put("parity", evaluation.parity());
        ArrayNode images = root.putArray("heldOut");
        evaluation.heldOut().forEach(image -> images.add(JSON.<ObjectNode>valueToTree(image)));
        root.set("losses", JSON.valueToTree(evaluation.losses()));
        return root;
    }

    private static String html(Evaluation evaluation) throws IOException {
        String page;
        try (InputStream in = Objects.requireNonNull(Report.class.getResourceAsStream("report.html"))) {
            page = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        return page.replace("${candidate}", escaped(evaluation.candidate()))
                .replace("${parent}", escaped(evaluation.parent()))
                .replace("${dataSet}", escaped(evaluation.dataSet()))
                .replace("${outcome}", evaluation.passed() ? "passed" : "not passed")
                .replace("${checks}", checks(evaluation))
                .replace("${losses}", losses(evaluation.losses()))
                .replace("${labels}", labels(evaluation))
                .replace("${changed}", changed(evaluation));
    }

    private static String checks(Evaluation evaluation) {
        return evaluation.checks().stream()
                .map(check -> "<tr class=\"" + (check.passed() ? "good" : "bad") + "\"><td>"
                        + (check.passed() ? "✓" : "✗") + "</td><td>" + escaped(check.name()) + "</td><td>"
                        + escaped(check.detail()) + "</td></tr>")
                .collect(Collectors.joining("\n"));
    }

    private static String losses(List<Double> losses) {
        double most = losses.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < losses.size(); i++) {
            point(points, i / Math.max(1.0, losses.size() - 1.0), losses.get(i) / most);
        }
        return chart(line(points, "after"), String.format(Locale.ROOT, "loss, 0 to %.3f, by step", most));
    }

    private static String labels(Evaluation evaluation) {
        StringBuilder charts = new StringBuilder();
        evaluation.byLabel().forEach((label, gain) -> {
            List<AveragePrecision.Scored> images = evaluation.heldOut().stream()
                    .filter(image -> image.label().equals(label))
                    .toList();
            charts.append(chart(
                    curve(images, AveragePrecision.Scored::before, "before")
                            + curve(images, AveragePrecision.Scored::after, "after"),
                    String.format(
                            Locale.ROOT,
                            "%s: average precision %.3f, was %.3f",
                            escaped(label),
                            gain.after(),
                            gain.before())));
        });
        return charts.toString();
    }

    /** Precision over recall. */
    private static String curve(
            List<AveragePrecision.Scored> images, ToDoubleFunction<AveragePrecision.Scored> score, String kind) {
        double present = Math.max(
                1, images.stream().filter(AveragePrecision.Scored::present).count());
        StringBuilder points = new StringBuilder();
        int hits = 0;
        int reached = 0;
        for (AveragePrecision.Scored image : images.stream()
                .sorted(Comparator.comparingDouble(score).reversed())
                .toList()) {
            reached++;
            hits += image.present() ? 1 : 0;
            point(points, hits / present, (double) hits / reached);
        }
        return line(points, kind);
    }

    private static void point(StringBuilder points, double x, double y) {
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x * WIDTH, (1 - y) * HEIGHT));
    }

    private static String line(StringBuilder points, String kind) {
        return "<polyline class=\"" + kind + "\" points=\"" + points + "\"/>";
    }

    private static String chart(String lines, String caption) {
        return "<figure><svg viewBox=\"-4 -4 " + (WIDTH + 8) + " " + (HEIGHT + 8) + "\"><rect width=\"" + WIDTH
                + "\" height=\"" + HEIGHT + "\"/>" + lines + "</svg><figcaption>" + caption
                + "</figcaption></figure>\n";
    }

    private static String changed(Evaluation evaluation) {
        return evaluation.heldOut().stream()
                .sorted(Comparator.comparingDouble(
                                (AveragePrecision.Scored image) -> Math.abs(image.after() - image.before()))
                        .reversed())
                .limit(CHANGED)
                .map(image -> String.format(
                        Locale.ROOT,
                        "<tr><td>%s</td><td>%s</td><td>%s</td><td>%.3f</td><td>%.3f</td></tr>",
                        escaped(image.id()),
                        escaped(image.label()),
                        image.present() ? "present" : "absent",
                        image.before(),
                        image.after()))
                .collect(Collectors.joining("\n"));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}

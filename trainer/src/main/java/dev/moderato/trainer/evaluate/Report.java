package dev.moderato.trainer.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.inference.image.Thumbnail;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An evaluation as {@code report.json} and as a {@code report.html} that needs no other file. */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PICTURES = 24;
    private static final int PICTURE_SIDE = 160;
    private static final String HTML = "report.html";
    private static final Pattern PICTURE = Pattern.compile("<figure class=\"picture\" data-image=\"([^\"]*)\">.*");
    private static final int WIDTH = 360;
    private static final int HEIGHT = 200;

    private Report() {}

    /** Where images are had from, to be shown. */
    @FunctionalInterface
    public interface Pictures {
        /** The file of an image, by its id; null where it must not, or cannot, be shown. */
        byte @Nullable [] file(String id) throws IOException;
    }

    /** Writes both into a folder, which is made where it is missing. */
    public static void write(Path folder, Evaluation evaluation, Pictures pictures) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("report.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json(evaluation)) + "\n");
        replace(folder.resolve(HTML), html(evaluation, pictures));
    }

    /**
     * Takes pictures out of reports that were written before.
     *
     * @param runs holds the reports, a folder each
     * @param erased ids of images that must be forgotten
     */
    public static void forget(Path runs, Set<String> erased) throws IOException {
        if (!Files.exists(runs)) {
            return;
        }
        Set<String> shown = erased.stream().map(Report::escaped).collect(Collectors.toSet());
        List<Path> reports;
        try (Stream<Path> folders = Files.list(runs)) {
            reports = folders.map(folder -> folder.resolve(HTML))
                    .filter(Files::exists)
                    .toList();
        }
        for (Path report : reports) {
            List<String> lines = Files.readAllLines(report);
            List<String> kept =
                    lines.stream().filter(line -> !shows(line, shown)).toList();
            if (kept.size() < lines.size()) {
                replace(report, String.join("\n", kept) + "\n");
            }
        }
    }

    private static boolean shows(String line, Set<String> images) {
        Matcher picture = PICTURE.matcher(line);
        return picture.matches() && images.contains(picture.group(1));
    }

    private static void replace(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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

    private static String html(Evaluation evaluation, Pictures pictures) throws IOException {
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
                .replace("${changed}", changed(evaluation, pictures));
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

    /** Per label, the pictures whose score changed most; at most so many in all, a line each. */
    private static String changed(Evaluation evaluation, Pictures pictures) throws IOException {
        Map<String, List<AveragePrecision.Scored>> byLabel = evaluation.heldOut().stream()
                .sorted(Comparator.comparingDouble(Report::change).reversed())
                .collect(Collectors.groupingBy(AveragePrecision.Scored::label, TreeMap::new, Collectors.toList()));
        int left = PICTURES;
        int labels = byLabel.size();
        StringBuilder html = new StringBuilder();
        for (Map.Entry<String, List<AveragePrecision.Scored>> label : byLabel.entrySet()) {
            int share = (left + labels - 1) / labels--; // what a label does not need, the next ones may have
            html.append("<h3>").append(escaped(label.getKey())).append("</h3>\n");
            for (AveragePrecision.Scored image : label.getValue()) {
                String picture = share == 0 ? null : picture(image, pictures);
                if (picture != null) {
                    html.append(picture);
                    share--;
                    left--;
                }
            }
        }
        return html.toString();
    }

    private static double change(AveragePrecision.Scored image) {
        return Math.abs(image.after() - image.before());
    }

    private static @Nullable String picture(AveragePrecision.Scored image, Pictures pictures) throws IOException {
        byte[] file = pictures.file(image.id());
        String thumbnail = file == null ? null : Thumbnail.of(file, PICTURE_SIDE);
        String id = escaped(image.id());
        return thumbnail == null
                ? null
                : String.format(
                        Locale.ROOT,
                        "<figure class=\"picture\" data-image=\"%s\"><img src=\"%s\" alt=\"%s\"><figcaption>%s<br>%s %s: %.3f → %.3f"
                                + "</figcaption></figure>\n",
                        id,
                        thumbnail,
                        id,
                        id,
                        escaped(image.label()),
                        image.present() ? "present" : "absent",
                        image.before(),
                        image.after());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}

package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.FileRewrite;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.ClusterOptions;
import dev.moderato.cli.model.BundleOption;
import dev.moderato.inference.policy.CalibrationReport;
import dev.moderato.inference.policy.CalibrationReport.Proposal;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyEdit;
import dev.moderato.inference.policy.PolicyScorer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a label's score the probability that people see the label. */
@Command(
        name = "calibrate",
        description = {
            "Fit a label's calibration to what people said of it, propose thresholds, and write the entry into the file.",
            "",
            "The judgements are the feedback events on images whose embeddings are stored, or a file. The file keeps its",
            "comments; its thresholds are yours to change."
        },
        footer = {
            "",
            "  moderato policy calibrate prompts/default.yaml --label weapons.knife --precision 0.95 --html knife.html",
            "  moderato policy calibrate prompts/default.yaml --label weapons.knife --judged knives.csv --dry-run"
        })
final class CalibrateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The policy file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    Path path;

    @Option(names = "--label", paramLabel = "LABEL", required = true, description = "The label.")
    String label = "";

    @Option(
            names = "--since",
            paramLabel = "AGE|INSTANT",
            defaultValue = "all",
            converter = SinceOption.Converter.class,
            description = "Feedback from then on: 7d, 12h, 30m, an instant, or all (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    SinceOption since;

    @Option(
            names = "--judged",
            paramLabel = "CSV",
            description = "Judgements from a file with a line `image,present` or `image,absent` each.")
    @Nullable
    Path judgedFile;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "0.95",
            description = "Propose the lowest threshold with this precision (default: ${DEFAULT-VALUE}).")
    double precision = 0.95;

    @Option(
            names = "--fpr",
            paramLabel = "R",
            defaultValue = "0.01",
            description = "And the lowest with this false-positive rate at most (default: ${DEFAULT-VALUE}).")
    double falsePositiveRate = 0.01;

    @Option(names = "--html", paramLabel = "FILE", description = "Also write a page with the curves.")
    @Nullable
    Path html;

    @Option(names = "--dry-run", description = "Leave the policy file as it is.")
    boolean dryRun;

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    BundleOption model;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    ClusterOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PolicyFile file = PolicyFile.read(path);
        Policy policy = file.policy();
        if (policy.label(label) == null) {
            throw CommandFailed.wrongUsage("policy " + policy.name() + " has no label " + label + "; it has "
                    + String.join(
                            ", ",
                            policy.labels().stream().map(one -> one.name()).toList()));
        }
        try (LocalModel encoder = LocalModel.open(model.bundle())) {
            Judgements judgements = judgements(encoder, encoder.compile(policy));
            CalibrationReport report = report(judgements);
            Proposal precise = CalibrationReport.forPrecision(judgements.judged(), report.calibration(), precision);
            Proposal quiet =
                    CalibrationReport.forFalsePositives(judgements.judged(), report.calibration(), falsePositiveRate);
            List<String> proposals = List.of(
                    words("precision of at least " + precision, precise),
                    words("false-positive rate of at most " + falsePositiveRate, quiet));
            if (json) {
                printJson(encoder.bundle().id(), judgements, report, precise, quiet);
            } else {
                print(encoder.bundle().id(), judgements, report, proposals);
            }
            if (html != null) {
                page(encoder.bundle().id(), report, proposals).write(html);
            }
            if (!dryRun) {
                write(file, encoder.bundle().id(), report);
                spec.commandLine().getErr().println("written to " + path);
            }
            return 0;
        } catch (KafkaException e) {
            throw CommandFailed.because("the feedback cannot be read: " + e.getMessage(), e);
        }
    }

    private Judgements judgements(LocalModel encoder, PolicyScorer scorer) throws InterruptedException {
        if (judgedFile != null) {
            return Judgements.ofFile(judgedFile, encoder, scorer, label);
        }
        Cluster cluster = options.cluster();
        cluster.mustBeReady();
        return Judgements.ofFeedback(cluster, encoder, scorer, label, since.instant());
    }

    private CalibrationReport report(Judgements judgements) {
        try {
            return CalibrationReport.of(judgements.judged());
        } catch (IllegalArgumentException e) {
            throw CommandFailed.because(
                    "label " + label + " cannot be calibrated: it " + e.getMessage()
                            + (judgements.missing() > 0
                                    ? "; " + judgements.missing()
                                            + " more were judged, but have no stored embedding of this model"
                                    : ""),
                    e);
        }
    }

    private void write(PolicyFile file, String modelId, CalibrationReport report) {
        try {
            FileRewrite.replace(
                    path,
                    file.text(),
                    PolicyEdit.calibrate(file.text(), file.templates(), label, modelId, report.calibration()));
        } catch (IllegalStateException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private void print(String modelId, Judgements judgements, CalibrationReport report, List<String> proposals) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s for %s, from %d images with it and %d without: a %.3f, b %.3f; mean squared error %.4f, before %.4f%n",
                label,
                modelId,
                report.present(),
                report.absent(),
                report.calibration().a(),
                report.calibration().b(),
                report.brierAfter(),
                report.brierBefore());
        proposals.forEach(out::println);
        if (judgements.missing() > 0) {
            out.println(
                    judgements.missing() + " judged images have no stored embedding of this model and do not count");
        }
        out.flush();
    }

    private void printJson(
            String modelId,
            Judgements judgements,
            CalibrationReport report,
            @Nullable Proposal precise,
            @Nullable Proposal quiet) {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode line = JsonLine.object()
                .put("label", label)
                .put("model", modelId)
                .put("present", report.present())
                .put("absent", report.absent())
                .put("missing", judgements.missing())
                .put("a", report.calibration().a())
                .put("b", report.calibration().b())
                .put("brierBefore", report.brierBefore())
                .put("brierAfter", report.brierAfter());
        line.set("forPrecision", tree(precision, precise));
        line.set("forFalsePositiveRate", tree(falsePositiveRate, quiet));
        out.println(JsonLine.write(line));
        out.flush();
    }

    private static ObjectNode tree(double wanted, @Nullable Proposal proposal) {
        ObjectNode node = JsonLine.object().put("wanted", wanted);
        return proposal == null
                ? node.putNull("threshold")
                : node.put("threshold", proposal.threshold())
                        .put("low", proposal.low())
                        .put("high", proposal.high())
                        .put("rate", proposal.rate().seen())
                        .put("rateLow", proposal.rate().low())
                        .put("rateHigh", proposal.rate().high())
                        .put("recall", proposal.recall());
    }

    private static String words(String wanted, @Nullable Proposal proposal) {
        return proposal == null
                ? "no threshold has a " + wanted
                : String.format(
                        Locale.ROOT,
                        "threshold %.3f (95%%: %.3f to %.3f) for a %s: seen %.3f (95%%: %.3f to %.3f), recall %.3f",
                        proposal.threshold(),
                        proposal.low(),
                        proposal.high(),
                        wanted,
                        proposal.rate().seen(),
                        proposal.rate().low(),
                        proposal.rate().high(),
                        proposal.recall());
    }

    private Page page(String modelId, CalibrationReport report, List<String> proposals) {
        CalibrationCharts charts = new CalibrationCharts(label, report);
        String body = String.format(
                Locale.ROOT,
                "<p>%s on %d images with the label and %d without: a = %.3f, b = %.3f.</p>%n<ul>%s</ul>%n%s%n%s%n",
                Page.escaped(modelId),
                report.present(),
                report.absent(),
                report.calibration().a(),
                report.calibration().b(),
                proposals.stream()
                        .map(line -> "<li>" + Page.escaped(line) + "</li>")
                        .collect(Collectors.joining()),
                charts.reliability(),
                charts.precisionByRecall());
        return new Page("Calibration of " + label, body);
    }
}

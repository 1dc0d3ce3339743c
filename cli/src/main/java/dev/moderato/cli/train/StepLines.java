package dev.moderato.cli.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.Progress;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TrainingLoop;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells of a run: one JSON line a step, or a progress bar and a few words. */
final class StepLines implements TrainingLoop.Listener, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean terminal;
    private @Nullable Progress progress;
    private @Nullable StepReport first;
    private @Nullable StepReport last;

    StepLines(PrintWriter out, PrintWriter err, boolean json, boolean terminal) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.terminal = terminal;
    }

    @Override
    public void started(long step, long steps) {
        if (!json) {
            err.println("Training, " + steps + " steps" + (step > 0 ? ", going on from step " + step : ""));
            err.flush();
        }
        progress = Progress.start("training", steps, terminal);
        progress.at(step);
    }

    @Override
    public void step(StepReport report) {
        first = first == null ? report : first;
        last = report;
        if (progress != null) {
            progress.at(report.step() + 1);
        }
        if (json) {
            ObjectNode line = JSON.createObjectNode();
            line.put("step", report.step());
            line.put("loss", report.loss());
            line.put("lr", report.learningRate());
            line.put("gradNorm", report.gradientNorm());
            out.println(line);
            out.flush();
        }
    }

    /** The last words; with JSON they go to standard error, where they are no step. */
    void done(ModelBundle bundle, Map<String, Double> metrics) {
        close();
        PrintWriter words = json ? err : out;
        if (first != null && last != null) {
            words.println(String.format(Locale.ROOT, "Loss %.4f at first, %.4f at last.", first.loss(), last.loss()));
        }
        Double before = metrics.get("validationLossBefore");
        Double after = metrics.get("validationLossAfter");
        if (before != null && after != null) {
            words.println(String.format(Locale.ROOT, "On held-out pairs: %.4f before, %.4f after.", before, after));
        }
        words.println("Wrote " + bundle.folder() + " (" + bundle.id() + ").");
        words.flush();
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}

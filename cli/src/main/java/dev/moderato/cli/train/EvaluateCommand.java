package dev.moderato.cli.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.trainer.evaluate.PictogramFigures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how well a bundle reads pictograms. */
@Command(
        name = "evaluate",
        description = "Measure how well a model reads freshly drawn pictograms, and moderates them with a policy.",
        footer = {"", "  moderato train evaluate --bundle models/demo --images 3000"})
public final class EvaluateCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--bundle", paramLabel = "DIR", description = "The model bundle (default: the shipped one).")
    @Nullable
    Path bundle;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "3000",
            description = "Pictures drawn for each figure (default: ${DEFAULT-VALUE}).")
    int images;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "" + PictogramFigures.SEED,
            description = "What they are drawn from; not the seed of a training (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(names = "--record", description = "Write the figures into the bundle's own metrics.")
    boolean write;

    @Option(names = "--json", description = "Print the figures as one JSON line.")
    boolean json;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    PolicyOption policy;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        if (images < 1) {
            throw CommandFailed.wrongUsage("--images is " + images + "; write 1 or more");
        }
        try {
            ModelBundle read = ModelBundle.read(bundle == null ? Launch.read().shippedModel() : bundle);
            Map<String, Double> figures = measure(read);
            if (write) {
                record(read, figures);
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JSON.writeValueAsString(figures));
            } else {
                figures.forEach((name, value) -> out.println(String.format(Locale.ROOT, "%-24s %.3f", name, value)));
            }
            return 0;
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, Double> measure(ModelBundle read) throws BundleException {
        try (ClipModel model = ClipModel.open(read, EncoderSettings.defaults())) {
            return new PictogramFigures(model, PictogramFigures.templates(), images, seed).measure(policy.read());
        }
    }

    private static void record(ModelBundle read, Map<String, Double> figures) throws BundleException {
        Provenance old = read.manifest().provenance();
        BundleWriter.write(
                read.folder(),
                read.manifest()
                        .descendant(
                                read.id(),
                                new Provenance(
                                        old.source(), old.licence(), old.parent(), old.parentSha256(), figures)));
    }
}

package dev.moderato.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.cluster.ImagePaths;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Images or texts to embeddings. */
@Command(
        name = "embed",
        description = "Print the embedding of each image or text as a JSON line: {\"input\", \"embedding\", \"raw\"}.",
        footer = {
            "",
            "embedding has length 1; raw is what the graph gives. A file that is rejected is {\"input\", \"rejected\",",
            "\"detail\"}; the exit code is 1 only if all are."
        })
public final class EmbedCommand implements Callable<Integer> {
    @Mixin
    BundleOption bundle = new BundleOption();

    @Mixin
    EncoderOptions encoder = new EncoderOptions();

    @Mixin
    ImageOptions imageOptions = new ImageOptions();

    @ArgGroup(multiplicity = "1")
    Inputs inputs = new Inputs();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    /** Images or texts, not both. */
    static final class Inputs {
        @Option(names = "--image", arity = "1..*", paramLabel = "FILE", description = "Image files or folders of them.")
        List<String> images = List.of();

        @Option(names = "--text", arity = "1..*", paramLabel = "T", description = "Texts.")
        List<String> texts = List.of();
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (ClipModel model = encoder.open(bundle.bundle(), spec.commandLine().getErr())) {
            return inputs.texts.isEmpty() ? images(model, out) : texts(model, out);
        } catch (EncoderException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } finally {
            out.flush();
        }
    }

    private int images(ClipModel model, PrintWriter out) {
        ImagePreprocessor preprocessor = imageOptions.preprocessor(model.preprocessing());
        int encoded = 0;
        for (String file : ImagePaths.files(inputs.images)) {
            try {
                byte[] crop = ImageOptions.prepare(preprocessor, file).frames().get(0);
                List<byte[]> one = List.of(crop);
                out.println(line(file, model.images().encode(one)[0], model.rawImages(one)[0]));
                encoded++;
            } catch (ImageRejected e) {
                out.println(ImageOptions.rejected("input", file, e));
            }
        }
        return encoded == 0 ? 1 : 0;
    }

    private int texts(ClipModel model, PrintWriter out) {
        for (String text : inputs.texts) {
            List<String> one = List.of(text);
            out.println(line(text, model.texts().encode(one)[0], model.rawTexts(one)[0]));
        }
        return 0;
    }

    private static String line(String input, float[] embedding, float[] raw) {
        ObjectNode line = JsonLine.object().put("input", input);
        line.set("embedding", JsonLine.tree(embedding));
        line.set("raw", JsonLine.tree(raw));
        return JsonLine.write(line);
    }
}

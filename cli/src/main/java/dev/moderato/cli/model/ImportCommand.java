package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelImport;
import dev.moderato.inference.clip.NamedFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Model files on disk to a bundle. */
@Command(
        name = "import",
        description = {
            "Make a model bundle of ONNX files.",
            "",
            "SOURCE_DIR is laid out as Hugging Face's Optimum does (onnx/vision_model.onnx, onnx/text_model.onnx,"
                    + " config.json, preprocessor_config.json, tokenizer.json) or as open_clip's exports are"
                    + " (visual/model.onnx, textual/model.onnx, open_clip_config.json). Files named by options win over"
                    + " those in it; with all three of --image-model, --text-model and --tokenizer none is needed."
        },
        footer = {
            "",
            "  moderato model import clip-vit-base-patch32 --out models/clip-b32",
            "  moderato model import --image-model v.onnx --text-model t.onnx --tokenizer tokenizer.json --out models/mine"
        })
public final class ImportCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "SOURCE_DIR", description = "Folder with the model's files.")
    @Nullable
    Path source;

    @Option(names = "--image-model", paramLabel = "FILE", description = "The image tower's ONNX file.")
    @Nullable
    Path imageModel;

    @Option(names = "--text-model", paramLabel = "FILE", description = "The text tower's ONNX file.")
    @Nullable
    Path textModel;

    @Option(names = "--tokenizer", paramLabel = "FILE", description = "A tokenizer.json.")
    @Nullable
    Path tokenizer;

    @Option(
            names = "--preprocessing",
            paramLabel = "FILE",
            description = "A preprocessor_config.json, or an open_clip_config.json.")
    @Nullable
    Path preprocessing;

    @Option(names = "--context-length", paramLabel = "N", description = "Token ids of a text.")
    @Nullable
    Integer contextLength;

    @Option(names = "--padding", paramLabel = "ID", description = "The token id that fills what a text leaves.")
    @Nullable
    Integer padding;

    @Option(names = "--out", required = true, paramLabel = "BUNDLE_DIR", description = "The new bundle's folder.")
    Path out = Path.of("");

    @Mixin
    BundleFacts facts = new BundleFacts();

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        NamedFiles files = new NamedFiles(imageModel, textModel, tokenizer, preprocessing, contextLength, padding);
        try {
            ModelImport.Imported imported = ModelImport.run(facts.request(source, files, out, null));
            report(imported, json, spec);
            return 0;
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    /** Says what was made, and what was assumed. */
    static void report(ModelImport.Imported imported, boolean json, CommandSpec spec) {
        PrintWriter out = spec.commandLine().getOut();
        imported.notes().forEach(note -> spec.commandLine().getErr().println("Note: " + note));
        spec.commandLine().getErr().flush();
        if (json) {
            var line = JsonLine.object()
                    .put("bundle", imported.bundle().folder().toString())
                    .put("id", imported.bundle().id())
                    .put("sha256", imported.bundle().sha256())
                    .put("embeddingSize", imported.bundle().embeddingSize())
                    .put("logitScale", imported.bundle().logitScale())
                    .put("logitBias", imported.bundle().logitBias());
            line.set("notes", JsonLine.tree(imported.notes()));
            out.println(JsonLine.write(line));
        } else {
            out.println("Imported " + imported.bundle().id() + " to "
                    + imported.bundle().folder() + ": " + BundleText.summary(imported.bundle()));
        }
        out.flush();
    }
}

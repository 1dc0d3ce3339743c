package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import dev.moderato.cli.Launch;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The bundles in a folder. */
@Command(name = "list", description = "List the model bundles in a folder, a broken one with what is wrong with it.")
public final class ListCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "DIR", description = "Folder of bundles (default: the shipped models/).")
    @Nullable
    Path folder;

    @Option(names = "--json", description = "Print JSON lines.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        for (Path candidate : candidates(folder == null ? Launch.read().models() : folder)) {
            try {
                print(ModelBundle.read(candidate), out);
            } catch (BundleException e) {
                out.println(
                        json
                                ? JsonLine.write(JsonLine.object()
                                        .put("bundle", candidate.toString())
                                        .put("problem", e.getMessage()))
                                : candidate + "  unusable: " + e.getMessage());
            }
        }
        out.flush();
        return 0;
    }

    private void print(ModelBundle bundle, PrintWriter out) {
        if (json) {
            out.println(JsonLine.write(JsonLine.object()
                    .put("bundle", bundle.folder().toString())
                    .put("id", bundle.id())
                    .put("sha256", bundle.sha256())
                    .put("embeddingSize", bundle.embeddingSize())
                    .put("trained", bundle.trained())
                    .put("licence", bundle.manifest().provenance().licence())));
        } else {
            out.println(bundle.folder() + "  " + bundle.id() + ": " + BundleText.summary(bundle)
                    + (bundle.trained() ? "" : ", untrained"));
        }
    }

    private static List<Path> candidates(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw CommandFailed.wrongUsage("no such folder: " + folder);
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(path -> Files.isRegularFile(path.resolve("bundle.json")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw CommandFailed.because("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}

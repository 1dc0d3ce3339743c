package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.Launch;
import dev.moderato.cli.hub.Hub;
import dev.moderato.cli.hub.HubModel;
import dev.moderato.cli.hub.HubPull;
import dev.moderato.cli.hub.HubSettings;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelImport;
import dev.moderato.inference.clip.NamedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A model on a hub to a bundle. */
@Command(
        name = "pull",
        description = "Download a model's ONNX files from a hub, check them, and make a bundle of them.",
        footer = {
            "",
            "  moderato model pull Xenova/clip-vit-base-patch32",
            "",
            "A download that was cut goes on where it was when the same command is given again."
        })
public final class PullCommand implements Callable<Integer> {
    @Parameters(paramLabel = "HUB_ID", description = "The model's name on the hub: OWNER/NAME.")
    String hubId = "";

    @Option(
            names = "--out",
            paramLabel = "BUNDLE_DIR",
            description = "The new bundle's folder (default: NAME in the folder of shipped models).")
    @Nullable
    Path out;

    @Option(
            names = "--revision",
            paramLabel = "REV",
            defaultValue = "main",
            description = "A branch, a tag or a commit (default: ${DEFAULT-VALUE}).")
    String revision = "main";

    @Option(
            names = "--hub",
            paramLabel = "URL",
            description = "The hub's address (default: $MODERATO_HUB, $HF_ENDPOINT or https://huggingface.co).")
    @Nullable
    String hub;

    @Mixin
    BundleFacts facts = new BundleFacts();

    @Option(names = "--json", description = "Print one line of JSON.")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        Launch launch = Launch.read();
        Path folder = out != null ? out : launch.models().resolve(hubId.substring(hubId.lastIndexOf('/') + 1));
        try {
            HubSettings settings = HubSettings.at(hub != null ? hub : launch.hub());
            ModelImport.requireFree(folder);
            Hub source = new Hub(settings);
            HubModel model = source.model(hubId, revision);
            Path downloads = folder.toAbsolutePath().resolveSibling("." + folder.getFileName() + ".pull");
            Path files = new HubPull(source, launch.terminal()).into(downloads, model, facts.variant);
            String origin = settings.address() + "/" + model.id() + " at " + model.commit();
            ModelImport.Imported imported = ModelImport.run(facts.request(files, NamedFiles.NONE, folder, origin));
            delete(downloads);
            ImportCommand.report(imported, json, spec);
            return 0;
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private static void delete(Path downloads) {
        try (Stream<Path> files = Files.walk(downloads)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw CommandFailed.because(
                    "the bundle is complete, but its downloads in " + downloads + " cannot be deleted: "
                            + e.getMessage(),
                    e);
        }
    }
}

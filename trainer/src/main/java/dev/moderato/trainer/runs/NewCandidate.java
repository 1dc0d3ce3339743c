package dev.moderato.trainer.runs;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.trainer.dataset.DataSet;
import dev.moderato.trainer.evaluate.Evaluation;
import dev.moderato.trainer.pairs.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Gives a trained bundle that passed the gate its metrics and its place. */
final class NewCandidate {
    private NewCandidate() {}

    /** Brings the folder to {@code MODELS/ID}, whole or not at all; one that is there already is the same bundle, and is replaced. */
    static ModelBundle place(ModelBundle trained, ModelBundle parent, DataSet set, Evaluation evaluation, Path models)
            throws BundleException, IOException {
        BundleManifest manifest = trained.manifest();
        Map<String, Double> metrics = new TreeMap<>(manifest.provenance().metrics());
        metrics.putAll(evaluation.metrics());
        Provenance provenance = new Provenance(
                "trained on data set " + set.version() + " with recipe.yaml",
                manifest.provenance().licence(),
                parent.id(),
                parent.sha256(),
                metrics);
        BundleWriter.write(trained.folder(), manifest.descendant(manifest.id(), provenance));
        Path place = models.resolve(manifest.id());
        Path part = models.resolve("." + manifest.id() + ".part"); // the models may lie on another volume than the data
        Workplace.delete(part);
        copy(trained.folder(), part);
        Workplace.delete(place);
        Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
        Workplace.delete(trained.folder());
        return ModelBundle.read(place);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(file, copy);
            }
        }
    }
}

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
import java.util.TreeMap;

/** Gives a trained bundle that passed the gate its metrics and its place. */
final class NewCandidate {
    private NewCandidate() {}

    /** Moves the folder to {@code MODELS/ID}; one that is there already is the same bundle, and is replaced. */
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
        Files.createDirectories(models);
        Path place = models.resolve(manifest.id());
        Workplace.delete(place);
        Files.move(trained.folder(), place, StandardCopyOption.ATOMIC_MOVE);
        return ModelBundle.read(place);
    }
}

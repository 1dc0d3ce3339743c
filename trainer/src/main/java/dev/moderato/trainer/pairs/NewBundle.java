package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.train.ContrastiveTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes what was trained as a bundle beside its place, and moves it there when it is complete and was run once. */
final class NewBundle {
    private static final String RECIPE = "recipe.yaml";

    private NewBundle() {}

    static ModelBundle write(
            ModelBundle parent, PairTraining.Request request, ContrastiveTrainer trainer, Map<String, Double> metrics)
            throws IOException, BundleException {
        Path draft = Workplace.of(request.out()).resolve("bundle");
        Workplace.delete(draft);
        Files.createDirectories(draft);
        copyOthers(parent, draft);
        Path image = inside(draft, parent.manifest().image().model());
        Path text = inside(draft, parent.manifest().text().model());
        OnnxFile.write(trainer.imageModel(), image);
        OnnxFile.write(trainer.textModel(), text);
        Files.writeString(draft.resolve(RECIPE), request.recipeText());
        BundleWriter.write(draft, manifest(parent, request, trainer, metrics));
        Files.createDirectories(request.out().toAbsolutePath().normalize());
        Files.move(draft, request.out(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return ModelBundle.read(request.out());
    }

    /** All but the towers and the numbers that lie beside them. */
    private static void copyOthers(ModelBundle parent, Path draft) throws IOException {
        Set<Path> replaced = new HashSet<>();
        for (String model : new String[] {
            parent.manifest().image().model(), parent.manifest().text().model()
        }) {
            Path file = parent.folder().resolve(model);
            Path folder = Objects.requireNonNull(file.getParent());
            replaced.add(file.normalize());
            for (Path external : OnnxFile.externalFiles(OnnxFile.map(file), folder)) {
                replaced.add(folder.resolve(external).normalize());
            }
        }
        for (String name : parent.files().keySet()) {
            Path file = parent.folder().resolve(name);
            if (!replaced.contains(file.normalize()) && !name.equals(RECIPE)) {
                Files.copy(file, inside(draft, name));
            }
        }
    }

    private static Path inside(Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return file;
    }

    private static BundleManifest manifest(
            ModelBundle parent, PairTraining.Request request, ContrastiveTrainer trainer, Map<String, Double> metrics)
            throws IOException {
        BundleManifest old = parent.manifest();
        Recipe recipe = request.recipe();
        String id = old.id().replaceAll("-t[0-9a-f]{8}$", "") + "-t"
                + Workplace.fingerprint(request, parent).substring(0, 8);
        String source = "trained on " + request.pairs().getFileName() + " with " + RECIPE;
        Provenance provenance =
                new Provenance(source, old.provenance().licence(), parent.id(), parent.sha256(), metrics);
        @Nullable
        Double bias = recipe.loss() == Recipe.Loss.SIGMOID && recipe.logitBias().learn()
                ? Double.valueOf(trainer.logitBias())
                : old.logitBias();
        return new BundleManifest(
                id,
                old.image(),
                old.text(),
                old.embeddingSize(),
                old.preprocessing(),
                old.tokenizer(),
                recipe.logitScale().learn() ? trainer.logitScale() : old.logitScale(),
                bias,
                true,
                provenance);
    }
}

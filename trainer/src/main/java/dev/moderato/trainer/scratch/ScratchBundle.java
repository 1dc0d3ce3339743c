package dev.moderato.trainer.scratch;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ImageTower;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.inference.clip.TextTower;
import dev.moderato.inference.clip.TokenizerSettings;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.trainer.pairs.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Puts towers and a tokenizer that were made here into a bundle's folder. */
final class ScratchBundle {
    static final String PIXELS = "pixel_values";
    static final String IMAGE_EMBEDDING = "image_embeds";
    static final String IDS = "input_ids";
    static final String TEXT_EMBEDDING = "text_embeds";

    private final Architecture architecture;
    private final BytePairVocabulary vocabulary;

    ScratchBundle(Architecture architecture, BytePairVocabulary vocabulary) {
        this.architecture = architecture;
        this.vocabulary = vocabulary;
    }

    /** What is known of a model beside its files. */
    record Facts(String id, double logitScale, boolean trained, Provenance provenance) {}

    /**
     * Writes beside the folder first and moves it there when it is complete; a bundle that was there is replaced.
     *
     * @throws BundleException where the towers cannot be run
     */
    ModelBundle write(Path folder, ModelProto image, ModelProto text, Facts facts) throws IOException, BundleException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(folder + " cannot hold a bundle: it has no parent folder");
        }
        Files.createDirectories(parent);
        Path draft = parent.resolve("." + folder.getFileName() + ".part");
        if (Files.exists(draft)) {
            Workplace.delete(draft);
        }
        Files.createDirectory(draft);
        try {
            OnnxFile.write(image, draft.resolve("image.onnx"));
            OnnxFile.write(text, draft.resolve("text.onnx"));
            TokenizerFile.write(vocabulary, draft.resolve("tokenizer.json"));
            BundleWriter.write(draft, manifest(facts));
            if (Files.exists(folder)) {
                Workplace.delete(folder);
            }
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            if (Files.exists(draft)) {
                Workplace.delete(draft);
            }
        }
        return ModelBundle.read(folder);
    }

    private BundleManifest manifest(Facts facts) {
        return new BundleManifest(
                facts.id(),
                new ImageTower("image.onnx", PIXELS, IMAGE_EMBEDDING),
                new TextTower("text.onnx", IDS, null, null, TEXT_EMBEDDING),
                architecture.embedding(),
                preprocessing(architecture),
                new TokenizerSettings(
                        TokenizerSettings.HUGGING_FACE,
                        "tokenizer.json",
                        architecture.text().context(),
                        (int) PictogramBatches.PADDING),
                facts.logitScale(),
                null,
                facts.trained(),
                facts.provenance());
    }

    /** A crop of the middle, as CLIP does, with the architecture's size, mean and deviation. */
    static Preprocessing preprocessing(Architecture architecture) {
        Preprocessing clip = Preprocessing.clip(architecture.imageSize());
        return new Preprocessing(
                clip.width(),
                clip.height(),
                clip.resize(),
                clip.resizeTo(),
                clip.crop(),
                clip.interpolation(),
                clip.convert(),
                clip.rescale(),
                floats(architecture.mean()),
                floats(architecture.std()));
    }

    private static List<Float> floats(List<Double> values) {
        return values.stream().map(Double::floatValue).toList();
    }
}

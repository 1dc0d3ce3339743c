package dev.moderato.trainer.scratch;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.pictograms.Captions;
import dev.moderato.pictograms.Scenes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model that has learned nothing yet: both towers with their initial weights, and a tokenizer that was trained on captions.
 *
 * @param image the image tower
 * @param text the text tower, of as many tokens as the vocabulary has
 */
public record ScratchModel(
        Architecture architecture, BytePairVocabulary vocabulary, ModelProto image, ModelProto text) {
    /** OpenAI's initial logit scale. */
    static final double INITIAL_SCALE = 1 / 0.07;

    private static final int CAPTIONS = 40_000;

    /**
     * Draws initial weights.
     *
     * @param captions what the tokenizer is trained on
     */
    public static ScratchModel create(Architecture architecture, Iterable<String> captions, long seed) {
        BytePairVocabulary vocabulary =
                BytePairTrainer.train(captions, architecture.text().vocabulary());
        return new ScratchModel(
                architecture,
                vocabulary,
                ImageTowerGraph.build(architecture, seed),
                TextTowerGraph.build(architecture.text(), vocabulary.size(), architecture.embedding(), seed + 1));
    }

    /** The same, with a tokenizer trained on captions of pictograms. */
    public static ScratchModel ofPictograms(Architecture architecture, long seed) {
        return create(architecture, pictogramCaptions(seed), seed);
    }

    /**
     * Writes a bundle of random weights, for benchmarks.
     *
     * @param preset {@code vit-b-32}: CLIP ViT-B/32 in its real size, but for the vocabulary
     * @throws ArchitectureException where there is no such preset
     */
    public static ModelBundle writeRandom(String preset, Path folder) throws IOException, BundleException {
        return ofPictograms(preset(preset), 0).write(folder, "random-" + preset);
    }

    /** Writes the model as it is: random weights, marked as untrained. */
    public ModelBundle write(Path folder, String id) throws IOException, BundleException {
        Provenance provenance = new Provenance("random weights, made by Moderato", "Apache-2.0", null, null, Map.of());
        return new ScratchBundle(architecture, vocabulary)
                .write(folder, image, text, new ScratchBundle.Facts(id, INITIAL_SCALE, false, provenance));
    }

    private static Architecture preset(String name) throws IOException {
        String file = name + ".yaml";
        try (InputStream in = name.matches("[a-z0-9-]+") ? ScratchModel.class.getResourceAsStream(file) : null) {
            if (in == null) {
                throw new ArchitectureException("there is no architecture '" + name + "'; known is vit-b-32");
            }
            return ArchitectureFile.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
        }
    }

    private static List<String> pictogramCaptions(long seed) {
        Scenes scenes = new Scenes(seed, Scenes.Choice.TRAINING);
        Captions captions = new Captions(seed);
        List<String> all = new ArrayList<>();
        for (long index = 0; index < CAPTIONS; index++) {
            all.add(captions.caption(scenes.scene(index), index));
        }
        return all;
    }
}

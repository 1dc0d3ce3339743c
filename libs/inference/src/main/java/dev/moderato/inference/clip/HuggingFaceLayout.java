package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layout of Hugging Face's Optimum: {@code [onnx/]vision_model.onnx}, {@code [onnx/]text_model.onnx},
 * {@code tokenizer.json}, {@code config.json}, {@code preprocessor_config.json}, {@code tokenizer_config.json}.
 */
final class HuggingFaceLayout {
    private static final String IMAGE = "vision_model";
    private static final String TEXT = "text_model";

    private HuggingFaceLayout() {}

    static boolean matches(Path folder) throws BundleException {
        return !graphs(folder).none();
    }

    private static GraphFiles graphs(Path folder) throws BundleException {
        GraphFiles nested = GraphFiles.in(folder.resolve("onnx"), IMAGE, folder.resolve("onnx"), TEXT);
        return nested.none() ? GraphFiles.in(folder, IMAGE, folder, TEXT) : nested;
    }

    static ModelSource read(Path folder, @Nullable String variant) throws BundleException {
        List<String> notes = new ArrayList<>();
        GraphFiles.Pair graphs = graphs(folder).choose(variant);
        if (variant == null && !graphs.variant().equals(GraphFiles.PLAIN)) {
            notes.add("there is no plain graph: the variant '" + graphs.variant() + "' is imported");
        }
        ConfigFile config = Files.isRegularFile(folder.resolve("config.json"))
                ? ConfigFile.read(folder.resolve("config.json"))
                : null;
        ConfigFile textConfig = config == null ? null : config.child("text_config");
        String kind = config == null ? null : config.text("model_type");
        boolean sigmoid = kind != null && kind.startsWith("siglip");
        Path tokenizer = folder.resolve("tokenizer.json");
        TokenizerFiles tokens = TokenizerFiles.read(tokenizer);
        Integer positions = textConfig == null ? null : textConfig.integer("max_position_embeddings");
        return new ModelSource(
                "Hugging Face layout, " + ModelImport.name(folder) + ", " + graphs.variant(),
                graphs.image(),
                graphs.text(),
                tokenizer,
                preprocessing(folder),
                positions != null ? positions : tokens.maxLength(),
                tokens.padding(),
                config == null || sigmoid ? null : config.integer("projection_dim"),
                sigmoid,
                null,
                null,
                false,
                ModelCard.licence(folder),
                notes);
    }

    private static @Nullable Preprocessing preprocessing(Path folder) throws BundleException {
        Path own = folder.resolve("preprocessor_config.json");
        if (Files.isRegularFile(own)) {
            return PreprocessingFile.huggingFace(ConfigFile.read(own));
        }
        Path joint = folder.resolve("processor_config.json");
        if (Files.isRegularFile(joint)) {
            ConfigFile images = ConfigFile.read(joint).child("image_processor");
            return images == null ? null : PreprocessingFile.huggingFace(images);
        }
        return null;
    }
}

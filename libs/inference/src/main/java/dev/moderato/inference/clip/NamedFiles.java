package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model's files named one by one; null for what a layout says.
 *
 * @param preprocessing a {@code preprocessor_config.json} of Hugging Face, or an {@code open_clip_config.json} or
 *     {@code preprocess_cfg.json} of open_clip
 * @param contextLength ids of a text
 * @param padding the id that fills what a text leaves
 */
public record NamedFiles(
        @Nullable Path imageModel,
        @Nullable Path textModel,
        @Nullable Path tokenizer,
        @Nullable Path preprocessing,
        @Nullable Integer contextLength,
        @Nullable Integer padding) {
    public static final NamedFiles NONE = new NamedFiles(null, null, null, null, null, null);

    /** Whether nothing that a model must have is left to a layout. */
    boolean isComplete() {
        return imageModel != null && textModel != null && tokenizer != null;
    }

    /** What is named here, and for the rest what the layout says. */
    ModelSource over(@Nullable ModelSource layout) throws BundleException {
        Preprocessing prepared = preprocessing == null ? null : read(preprocessing);
        if (layout != null) {
            return new ModelSource(
                    layout.origin(),
                    imageModel != null ? imageModel : layout.imageModel(),
                    textModel != null ? textModel : layout.textModel(),
                    tokenizer != null ? tokenizer : layout.tokenizer(),
                    prepared != null ? prepared : layout.preprocessing(),
                    contextLength != null ? contextLength : layout.contextLength(),
                    padding != null ? padding : layout.padding(),
                    layout.embeddingSize(),
                    layout.sigmoid(),
                    layout.logitScale(),
                    layout.logitBias(),
                    layout.canonicalText(),
                    layout.licence(),
                    layout.notes());
        }
        if (imageModel == null || textModel == null || tokenizer == null) {
            throw new BundleException("name a folder to import, or all of --image-model, --text-model and --tokenizer");
        }
        TokenizerFiles tokens = TokenizerFiles.read(tokenizer);
        return new ModelSource(
                "files named one by one: " + ModelImport.name(imageModel) + ", " + ModelImport.name(textModel),
                imageModel,
                textModel,
                tokenizer,
                prepared,
                contextLength != null ? contextLength : tokens.maxLength(),
                padding != null ? padding : tokens.padding(),
                null,
                false,
                null,
                null,
                false,
                null,
                List.of());
    }

    private static Preprocessing read(Path file) throws BundleException {
        ConfigFile config = ConfigFile.read(file);
        if (!PreprocessingFile.isOpenClip(config)) {
            return PreprocessingFile.huggingFace(config);
        }
        ConfigFile inner = config.child("preprocess_cfg");
        ConfigFile model = config.child("model_cfg");
        ConfigFile vision = model == null ? null : model.child("vision_cfg");
        return PreprocessingFile.openClip(
                inner == null ? config : inner, vision == null ? null : vision.size("image_size"));
    }
}

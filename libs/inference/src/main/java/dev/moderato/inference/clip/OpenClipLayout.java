package dev.moderato.inference.clip;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layout of open_clip's ONNX exports: {@code visual/model.onnx}, {@code textual/model.onnx},
 * {@code [textual/]tokenizer.json}, and {@code open_clip_config.json}, or its halves {@code config.json} and
 * {@code visual/preprocess_cfg.json}.
 */
final class OpenClipLayout {
    private static final String MODEL = "model";
    /** What open_clip's own tokenizer fills a text with. */
    private static final int PADDING = 0;

    private OpenClipLayout() {}

    static boolean matches(Path folder) throws BundleException {
        return !graphs(folder).none();
    }

    private static GraphFiles graphs(Path folder) throws BundleException {
        return GraphFiles.in(folder.resolve("visual"), MODEL, folder.resolve("textual"), MODEL);
    }

    static ModelSource read(Path folder, @Nullable String variant) throws BundleException {
        List<String> notes = new ArrayList<>();
        GraphFiles.Pair graphs = graphs(folder).choose(variant);
        ConfigFile joint = config(folder, "open_clip_config.json");
        ConfigFile model = joint == null ? config(folder, "config.json") : joint.child("model_cfg");
        if (model == null) {
            throw new BundleException(
                    folder + " has neither open_clip_config.json (with model_cfg) nor config.json: copy"
                            + " the one that belongs to the model");
        }
        ConfigFile vision = model.child("vision_cfg");
        ConfigFile text = model.child("text_cfg");
        Path tokenizer =
                GraphFiles.first(List.of(folder.resolve("textual/tokenizer.json"), folder.resolve("tokenizer.json")));
        if (tokenizer == null) {
            throw new BundleException(
                    folder + " has no tokenizer.json (in textual/ or beside it): copy the model's from"
                            + " where its weights are");
        }
        boolean foreignTokenizer = text != null && text.has("hf_tokenizer_name");
        ConfigFile cleaning = text == null ? null : text.child("tokenizer_kwargs");
        Double bias = model.number("init_logit_bias");
        Integer context = text == null ? null : text.integer("context_length");
        return new ModelSource(
                "open_clip layout, " + ModelImport.name(folder) + ", " + graphs.variant(),
                graphs.image(),
                graphs.text(),
                tokenizer,
                PreprocessingFile.openClip(
                        preprocessing(folder, joint, model), vision == null ? null : vision.size("image_size")),
                context != null ? context : Integer.valueOf(77),
                foreignTokenizer ? TokenizerFiles.read(tokenizer).padding() : Integer.valueOf(PADDING),
                model.integer("embed_dim"),
                bias != null,
                null,
                null,
                cleaning != null && "canonicalize".equals(cleaning.text("clean")),
                ModelCard.licence(folder),
                notes);
    }

    /** The settings of preprocessing, in the file that has them; a model's configuration alone means CLIP's own. */
    private static ConfigFile preprocessing(Path folder, @Nullable ConfigFile joint, ConfigFile model)
            throws BundleException {
        ConfigFile inside = joint == null ? null : joint.child("preprocess_cfg");
        if (inside != null) {
            return inside;
        }
        ConfigFile beside = config(folder, "visual/preprocess_cfg.json");
        if (beside == null) {
            beside = config(folder, "preprocess_cfg.json");
        }
        return beside != null ? beside : new ConfigFile(model.file(), model.at(), BundleJson.emptyObject());
    }

    private static @Nullable ConfigFile config(Path folder, String name) throws BundleException {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) ? ConfigFile.read(file) : null;
    }
}

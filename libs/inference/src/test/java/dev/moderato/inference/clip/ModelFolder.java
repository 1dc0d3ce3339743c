package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A folder of model files as an exporter would leave it, of a model that is made up. */
record ModelFolder(Path path) {
    static final int SIDE = 8;
    static final int EMBEDDING = 4;
    static final int CONTEXT = 6;
    static final int VOCABULARY = 16;

    /** Words to ids; a start and an end token around them. */
    static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
               {"id": 0, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
               {"id": 1, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
               {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
             "normalizer": null,
             "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
               "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
             "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "<unk>",
               "vocab": {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "a": 4, "photo": 5, "of": 6, "cat": 7, "dog": 8, "big": 9, "dont": 10}}}
            """;

    static final String CLIP_PREPROCESSOR = """
            {"do_resize": true, "size": {"shortest_edge": 8}, "resample": 3, "do_center_crop": true,
             "crop_size": {"height": 8, "width": 8}, "do_rescale": true, "rescale_factor": 0.00392156862745098,
             "do_normalize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
             "image_std": [0.26862954, 0.26130258, 0.27577711], "image_processor_type": "CLIPImageProcessor"}
            """;

    /** Hugging Face's layout with int64 ids and an open batch. */
    static ModelFolder huggingFace(Path path) {
        return new ModelFolder(path)
                .graph("onnx/vision_model.onnx", imageTower().build())
                .graph("onnx/text_model.onnx", textTower().build())
                .text("config.json", """
                        {"model_type": "clip", "projection_dim": 4, "text_config": {"max_position_embeddings": 6}}
                        """)
                .text("preprocessor_config.json", CLIP_PREPROCESSOR)
                .text("tokenizer_config.json", "{\"pad_token\": \"<pad>\", \"model_max_length\": 6}")
                .text("tokenizer.json", TOKENIZER);
    }

    static SmallGraph imageTower() {
        return SmallGraph.imageTower("pixel_values", "image_embeds", "N", SIDE, EMBEDDING);
    }

    static SmallGraph textTower() {
        return SmallGraph.textTower("input_ids", "text_embeds", DataType.INT64, "N", "L", VOCABULARY, EMBEDDING);
    }

    ModelFolder graph(String name, ModelProto model) {
        try {
            OnnxFile.write(model, inside(name));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ModelFolder text(String name, String content) {
        try {
            Files.writeString(inside(name), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path inside(String name) throws IOException {
        Path file = path.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return file;
    }

    /** Imports it beside itself. */
    ModelImport.Imported imported() throws BundleException {
        return ModelImport.run(new ModelImport.Request(path, path.resolveSibling(path.getFileName() + "-bundle")));
    }

    /** Writes a bundle.json for v.onnx, t.onnx and tokenizer.json as they lie here. */
    ModelBundle asBundle(Preprocessing preprocessing, int embedding) throws BundleException {
        return BundleWriter.write(
                path,
                new BundleManifest(
                        "made-up",
                        new ImageTower("v.onnx", "pixel_values", "image_embeds"),
                        new TextTower("t.onnx", "input_ids", null, null, "text_embeds"),
                        embedding,
                        preprocessing,
                        new TokenizerSettings(TokenizerSettings.HUGGING_FACE, "tokenizer.json", CONTEXT, 0),
                        100,
                        null,
                        true,
                        Provenance.UNKNOWN));
    }

    ModelBundle bundle() throws BundleException {
        return imported().bundle();
    }
}

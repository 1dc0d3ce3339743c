package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.image.Preprocessing.CropRule;
import dev.moderato.inference.image.Preprocessing.Interpolation;
import dev.moderato.inference.image.Preprocessing.ResizeMode;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.StringStringEntryProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles from what exporters leave, and what is said where they leave too little. */
class ModelImportTest {
    private static final String SCALE_NOTE =
            "the learned logit scale is not in these files: 100 is assumed, as CLIP has (--logit-scale)";

    @TempDir
    Path folder = Path.of("");

    @Test
    void readsTheLearnedScaleFromTheWeights() throws BundleException, IOException {
        ModelFolder model = ModelFolder.huggingFace(Files.createDirectories(folder.resolve("scaled")));
        Files.write(model.path().resolve("model.safetensors"), weights("F32", 3.5f));
        ModelImport.Imported imported = model.imported();
        assertThat(imported.bundle().logitScale()).isEqualTo(Math.exp(3.5));
        assertThat(imported.notes()).doesNotContain(SCALE_NOTE);
    }

    @Test
    void refusesWeightsThatAreNotWhole() throws IOException {
        ModelFolder model = ModelFolder.huggingFace(Files.createDirectories(folder.resolve("cut")));
        Path weights = model.path().resolve("model.safetensors");
        byte[] whole = weights("F32", 3.5f);
        Files.write(weights, Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(model::imported)
                .hasMessage(weights + " is no whole safetensors file: it ends after " + (whole.length - 1)
                        + " bytes. Copy it again, or take it away and give --logit-scale");
        Files.write(weights, weights("I8", 3.5f));
        assertThatThrownBy(model::imported)
                .hasMessageContaining("logit_scale is of the type I8; F32, BF16 and F64 are read");
    }

    private static byte[] weights(String type, float scale) {
        byte[] header = ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"logit_scale\":{\"dtype\":\""
                        + type + "\",\"shape\":[],\"data_offsets\":[4,8]}}")
                .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(16 + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .putFloat(1)
                .putFloat(scale)
                .array();
    }

    @Test
    void importsHuggingFacesLayout() throws Exception {
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("clip-small"))
                .text("README.md", "---\nlibrary_name: x\nlicense: mit\n---\n# A model\nlicense: none\n");
        ModelImport.Imported imported = model.imported();
        ModelBundle bundle = imported.bundle();
        assertThat(imported.notes()).containsExactly(SCALE_NOTE);
        assertThat(bundle.id()).isEqualTo("clip-small-bundle");
        assertThat(bundle.embeddingSize()).isEqualTo(4);
        assertThat(bundle.logitScale()).isEqualTo(100);
        assertThat(bundle.logitBias()).isNull();
        assertThat(bundle.manifest().tokenizer())
                .isEqualTo(new TokenizerSettings("tokenizer.json", "tokenizer.json", 6, 0));
        assertThat(bundle.manifest().image())
                .isEqualTo(new ImageTower("image/vision_model.onnx", "pixel_values", "image_embeds"));
        assertThat(bundle.manifest().provenance().licence()).isEqualTo("mit");
        assertThat(bundle.manifest().provenance().source()).isEqualTo("Hugging Face layout, clip-small, fp32");
        Preprocessing preprocessing = bundle.preprocessing();
        assertThat(preprocessing.resize()).isEqualTo(ResizeMode.SHORTEST_SIDE);
        assertThat(preprocessing.crop()).isEqualTo(CropRule.FLOOR);
        assertThat(preprocessing.interpolation()).isEqualTo(Interpolation.BICUBIC);
        try (ClipModel loaded = open(bundle)) {
            assertThat(BundleVerifier.verify(loaded).passed()).isTrue();
        }
        assertThat(inside(folder)).containsExactlyInAnyOrder("clip-small", "clip-small-bundle");
    }

    @Test
    void takesWhatItIsTold() throws Exception {
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("m"));
        ModelImport.Imported imported = ModelImport.run(new ModelImport.Request(
                model.path(),
                NamedFiles.NONE,
                folder.resolve("out/b"),
                "mine",
                null,
                12.5,
                null,
                "a friend",
                "CC0-1.0"));
        assertThat(imported.notes()).isEmpty();
        assertThat(imported.bundle().id()).isEqualTo("mine");
        assertThat(imported.bundle().logitScale()).isEqualTo(12.5);
        assertThat(imported.bundle().manifest().provenance().source()).isEqualTo("a friend");
        assertThat(imported.bundle().manifest().provenance().licence()).isEqualTo("CC0-1.0");
    }

    @Test
    void importsOpenClipsLayout() throws Exception {
        ModelBundle bundle = openClip("open").text("open_clip_config.json", """
                        {"model_cfg": {"embed_dim": 4, "vision_cfg": {"image_size": 8}, "text_cfg": {"context_length": 6}},
                         "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.2], "interpolation": "bilinear",
                                            "resize_mode": "shortest"}}
                        """).bundle();
        Preprocessing preprocessing = bundle.preprocessing();
        assertThat(preprocessing.crop()).isEqualTo(CropRule.ROUND);
        assertThat(preprocessing.interpolation()).isEqualTo(Interpolation.BILINEAR);
        assertThat(preprocessing.mean()).containsExactly(0.5f, 0.4f, 0.3f);
        assertThat(preprocessing.convert()).isEqualTo(Preprocessing.Convert.BEFORE_RESIZE);
        assertThat(bundle.manifest().tokenizer().padding()).isZero();
        try (ClipModel model = open(bundle)) {
            // the graphs take one item at a time
            float[][] three = model.texts().encode(List.of("a cat", "a dog", "a photo"));
            assertThat(three[1]).isEqualTo(model.texts().encode(List.of("a dog"))[0]);
            assertThat(three[1]).isNotEqualTo(three[0]);
        }
    }

    @Test
    void importsOpenClipsConfigurationInTwoFiles() throws Exception {
        ModelBundle bundle = openClip("halves")
                .text("config.json", "{\"embed_dim\": 4, \"vision_cfg\": {\"image_size\": 8}, \"text_cfg\": {}}")
                .text("visual/preprocess_cfg.json", """
                        {"size": [8, 8], "mode": "RGB", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
                         "interpolation": "bicubic", "resize_mode": "squash", "fill_color": 0}
                        """)
                .bundle();
        assertThat(bundle.preprocessing().resize()).isEqualTo(ResizeMode.SQUASH);
        assertThat(bundle.manifest().tokenizer().contextLength()).isEqualTo(6); // as the graph insists
    }

    @Test
    void makesTextsCanonicalWhereOpenClipDoes() throws Exception {
        ModelBundle bundle = openClip("canonical")
                .text("open_clip_config.json", """
                        {"model_cfg": {"embed_dim": 4, "init_logit_bias": -10, "vision_cfg": {"image_size": 8},
                                       "text_cfg": {"context_length": 6, "hf_tokenizer_name": "x/y",
                                                    "tokenizer_kwargs": {"clean": "canonicalize"}}}}
                        """)
                .text("textual/tokenizer_config.json", "{\"pad_token\": {\"content\": \"</s>\"}}")
                .bundle();
        assertThat(bundle.logitBias()).isEqualTo(-10);
        try (ClipTokenizer tokenizer = ClipTokenizer.open(bundle)) {
            assertThat(tokenizer.ids("  A (Photo), OF\t don't! ")).isEqualTo(tokenizer.ids("a photo of dont"));
            assertThat(tokenizer.ids("a")).containsExactly(1, 4, 2, 2, 2, 2);
        }
    }

    @Test
    void importsSigmoidModels() throws Exception {
        ModelFolder model = new ModelFolder(folder.resolve("siglip"))
                .graph(
                        "vision_model.onnx",
                        SmallGraph.imageTower("pixel_values", "pooler_output", "N", 8, 4)
                                .build())
                .graph(
                        "text_model.onnx",
                        SmallGraph.textTower("input_ids", "pooler_output", DataType.INT64, "N", 6, 16, 4)
                                .build())
                .text("config.json", "{\"model_type\": \"siglip\", \"text_config\": {}}")
                .text("preprocessor_config.json", """
                        {"do_resize": true, "size": {"height": 8, "width": 8}, "resample": 3, "rescale_factor": 0.00392156862745098,
                         "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "SiglipImageProcessor"}
                        """)
                .text("special_tokens_map.json", "{\"pad_token\": \"</s>\"}")
                .text("tokenizer.json", ModelFolder.TOKENIZER);
        ModelImport.Imported imported = model.imported();
        ModelBundle bundle = imported.bundle();
        assertThat(imported.notes())
                .containsExactly(
                        SCALE_NOTE,
                        "the learned logit bias is not in these files: -10 is assumed, where training starts, so that"
                                + " probabilities are rough (--logit-bias)");
        assertThat(bundle.preprocessing().resize()).isEqualTo(ResizeMode.SQUASH);
        assertThat(bundle.manifest().tokenizer().padding()).isEqualTo(2);
        try (ClipModel loaded = open(bundle)) {
            float[] image = loaded.images().encode(List.of(Probe.crop(bundle.preprocessing())))[0];
            ZeroShot.Classification found = ZeroShot.of(
                            loaded, Map.of("cat", List.of("cat"), "dog", List.of("dog")), List.of("a photo of a {}"))
                    .classify(image);
            found.cosines()
                    .forEach((label, cosine) -> assertThat(found.scores().get(label))
                            .isCloseTo(1 / (1 + Math.exp(-(100 * cosine - 10))), within(1e-12)));
        }
    }

    @Test
    void importsConvolutionalTowers() throws Exception {
        ModelProto resnet = new SmallGraph()
                .input("image", DataType.FLOAT, "N", 3, 8, 8)
                .weight("kernel", 5, 3, 3, 3)
                .weight("gain", 5)
                .weight("shift", 5)
                .weight("mean", 5)
                .node("Abs", "variance", List.of("gain"))
                .weight("projection", 5, 4)
                .node("Conv", "convolved", List.of("image", "kernel"), SmallGraph.integers("pads", 1L, 1L, 1L, 1L))
                .node("BatchNormalization", "normal", List.of("convolved", "gain", "shift", "mean", "variance"))
                .node("Relu", "active", List.of("normal"))
                .node("Add", "residual", List.of("active", "convolved"))
                .node("GlobalAveragePool", "pooled", List.of("residual"))
                .node("Flatten", "flat", List.of("pooled"))
                .node("MatMul", "embedding", List.of("flat", "projection"))
                .output("embedding", DataType.FLOAT, "N", 4)
                .build();
        ModelBundle bundle = ModelFolder.huggingFace(folder.resolve("rn"))
                .graph("onnx/vision_model.onnx", resnet)
                .bundle();
        assertThat(bundle.manifest().image().input()).isEqualTo("image");
        try (ClipModel model = open(bundle)) {
            assertThat(model.rawImages(List.of(Probe.crop(bundle.preprocessing())))[0])
                    .hasSize(4);
        }
    }

    @Test
    void importsFilesNamedOneByOne() throws Exception {
        ModelFolder model = new ModelFolder(folder.resolve("parts"))
                .graph("v.onnx", ModelFolder.imageTower().build())
                .graph("t.onnx", ModelFolder.textTower().build())
                .text("tok.json", ModelFolder.TOKENIZER);
        NamedFiles files = new NamedFiles(
                model.path().resolve("v.onnx"),
                model.path().resolve("t.onnx"),
                model.path().resolve("tok.json"),
                null,
                5,
                null);
        ModelImport.Imported imported = ModelImport.run(
                new ModelImport.Request(null, files, folder.resolve("b"), null, null, null, null, null, null));
        assertThat(imported.notes())
                .containsExactly(
                        "there is no preprocessor_config.json: CLIP's own preprocessing to 8×8 pixels is assumed"
                                + " (--preprocessing FILE)",
                        "what short texts are filled up with is not said: token id 0 is assumed (--padding)",
                        SCALE_NOTE);
        assertThat(imported.bundle().manifest().tokenizer().contextLength()).isEqualTo(5);
        assertThat(imported.bundle().preprocessing()).isEqualTo(Preprocessing.clip(8));
    }

    @Test
    void choosesAVariant() throws Exception {
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("v"));
        Files.move(
                model.path().resolve("onnx/vision_model.onnx"), model.path().resolve("onnx/vision_model_small.onnx"));
        Files.move(model.path().resolve("onnx/text_model.onnx"), model.path().resolve("onnx/text_model_small.onnx"));
        assertThat(model.imported().notes())
                .containsExactly("there is no plain graph: the variant 'small' is imported", SCALE_NOTE);
        assertThatThrownBy(() -> ModelImport.run(new ModelImport.Request(
                        model.path(), NamedFiles.NONE, folder.resolve("x"), null, "q4", null, null, null, null)))
                .hasMessage("there is no variant 'q4' of both towers; choose one of [small] (--variant)");
    }

    @Test
    void copiesTheNumbersBesideAGraph() throws Exception {
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("ext"));
        OnnxFile.writeExternal(
                SmallGraph.imageTower("pixel_values", "image_embeds", "N", 8, 4).build(),
                model.path().resolve("onnx/vision_model.onnx"));
        ModelBundle bundle = model.bundle();
        assertThat(bundle.files()).containsKey("image/vision_model.onnx.data");
        Files.delete(bundle.folder().resolve("image/vision_model.onnx.data"));
        assertThatThrownBy(() -> ModelBundle.read(bundle.folder()))
                .hasMessage(bundle.folder().resolve("image/vision_model.onnx.data")
                        + " is missing: the bundle is incomplete, copy it again");
        Files.delete(model.path().resolve("onnx/vision_model.onnx.data"));
        assertThatThrownBy(() -> ModelImport.run(new ModelImport.Request(model.path(), folder.resolve("again"))))
                .hasMessage(model.path().resolve("onnx/vision_model.onnx")
                        + " keeps its numbers in 'vision_model.onnx.data', which is missing: copy it beside the graph");
    }

    @Test
    void refusesNumbersOutsideTheFolder() throws Exception {
        ModelProto inside = ModelFolder.imageTower().build();
        TensorProto outside = inside.getGraph().getInitializer(0).toBuilder()
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue("../../secret"))
                .build();
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("evil"))
                .graph(
                        "onnx/vision_model.onnx",
                        inside.toBuilder()
                                .setGraph(inside.getGraph().toBuilder().setInitializer(0, outside))
                                .build());
        assertThatThrownBy(model::imported)
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("external data '../../secret' lies outside the model's folder");
    }

    @Test
    void saysWhatAFolderLacks() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertImportFails(
                empty,
                empty + " holds no ONNX towers: there is neither onnx/vision_model.onnx with"
                        + " onnx/text_model.onnx (Hugging Face, Optimum) nor visual/model.onnx with textual/model.onnx (open_clip).");
        assertImportFails(folder.resolve("none"), folder.resolve("none") + " is no folder");
        ModelFolder half = ModelFolder.huggingFace(folder.resolve("half"));
        Files.delete(half.path().resolve("onnx/text_model.onnx"));
        assertImportFails(
                half.path(),
                "there are image towers [" + half.path().resolve("onnx/vision_model.onnx")
                        + "] and text towers [], but no two of the same variant");
        ModelFolder mute = ModelFolder.huggingFace(folder.resolve("mute"));
        Files.delete(mute.path().resolve("tokenizer.json"));
        assertImportFails(mute.path(), mute.path().resolve("tokenizer.json") + " is missing: ");
        ModelFolder joint = new ModelFolder(folder.resolve("joint"))
                .graph("model.onnx", ModelFolder.imageTower().build());
        assertImportFails(joint.path(), joint.path().resolve("model.onnx") + " holds both towers in one graph");
        Path bundle = ModelFolder.huggingFace(folder.resolve("ok")).bundle().folder();
        assertImportFails(bundle, bundle + " is a bundle already: use it as it is");
    }

    @Test
    void saysWhichGraphIsNoTower() throws Exception {
        ModelFolder swapped = ModelFolder.huggingFace(folder.resolve("swapped"))
                .graph("onnx/vision_model.onnx", ModelFolder.textTower().build());
        assertImportFails(
                swapped.path(),
                swapped.path().resolve("onnx/vision_model.onnx")
                        + " has no input of float pixels; it has [input_ids]: is it an image tower?");
        ModelFolder hidden = ModelFolder.huggingFace(folder.resolve("hidden"))
                .graph(
                        "onnx/vision_model.onnx",
                        SmallGraph.imageTower("pixel_values", "pooler_output", "N", 8, 4)
                                .build());
        assertImportFails(
                hidden.path(),
                hidden.path().resolve("onnx/vision_model.onnx")
                        + " gives [pooler_output] but no projected embedding (image_embeds or text_embeds): export the model with"
                        + " its projection");
        ModelFolder strangers = ModelFolder.huggingFace(folder.resolve("strangers"))
                .graph(
                        "onnx/vision_model.onnx",
                        SmallGraph.imageTower("pixel_values", "image_embeds", "N", 8, 5)
                                .build());
        assertImportFails(strangers.path(), "the towers do not belong together: ");
        ModelFolder other = ModelFolder.huggingFace(folder.resolve("other"))
                .graph(
                        "onnx/vision_model.onnx",
                        SmallGraph.imageTower("pixel_values", "image_embeds", "N", 16, 4)
                                .build());
        assertImportFails(
                other.path(),
                other.path().resolve("onnx/vision_model.onnx")
                        + ": input 'pixel_values' has shape N×3×16×16; the bundle's preprocessing gives N×3×8×8");
        ModelFolder noise = ModelFolder.huggingFace(folder.resolve("noise")).text("onnx/text_model.onnx", "no graph");
        assertImportFails(noise.path(), noise.path().resolve("onnx/text_model.onnx") + " is not an ONNX model");
    }

    @Test
    void saysWhichSettingIsNotUnderstood() throws Exception {
        Map<String, String> messages = Map.of(
                "{\"size\": {\"longest_edge\": 8}}", "size names a longest edge, which no CLIP encoder takes",
                "{\"size\": {\"shortest_edge\": 8}, \"do_center_crop\": false}",
                        "size gives images of any shape, as nothing crops them (do_center_crop)",
                "{\"size\": 8, \"resample\": 9}", "resample is 9; Pillow's filters are 0 to 5",
                "{\"size\": 8, \"image_mean\": [1, 2]}", "image_mean must be three numbers, not [1,2]",
                "{\"size\": 8, \"do_resize\": false}",
                        "do_resize is false: images of any size are not what an encoder takes");
        int i = 0;
        for (Map.Entry<String, String> message : messages.entrySet()) {
            ModelFolder model = ModelFolder.huggingFace(folder.resolve("p" + i++))
                    .text("preprocessor_config.json", message.getKey());
            assertImportFails(
                    model.path(), model.path().resolve("preprocessor_config.json") + ": " + message.getValue());
        }
    }

    @Test
    void leavesNothingBehindAFailure() throws Exception {
        ModelFolder model = ModelFolder.huggingFace(folder.resolve("m"))
                .graph(
                        "onnx/text_model.onnx",
                        SmallGraph.textTower("input_ids", "text_embeds", DataType.INT64, "N", "L", 3, 4)
                                .build()); // fewer rows than the tokenizer has ids
        assertThatThrownBy(model::imported)
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith("model Hugging Face layout, m, fp32 cannot be run: ");
        assertThat(inside(folder)).containsExactly("m");
        Path taken = Files.createDirectories(folder.resolve("taken"));
        Files.writeString(taken.resolve("thesis.txt"), "mine");
        assertThatThrownBy(() -> ModelImport.run(new ModelImport.Request(model.path(), taken)))
                .hasMessage(taken + " is not empty: name a new folder, or remove it first");
    }

    private ModelFolder openClip(String name) {
        return new ModelFolder(folder.resolve(name))
                .graph(
                        "visual/model.onnx",
                        SmallGraph.imageTower("image", "embedding", 1, 8, 4).build())
                .graph(
                        "textual/model.onnx",
                        SmallGraph.textTower("text", "embedding", DataType.INT32, 1, 6, 16, 4)
                                .build())
                .text("textual/tokenizer.json", ModelFolder.TOKENIZER);
    }

    private void assertImportFails(Path source, String start) {
        assertThatThrownBy(() -> ModelImport.run(new ModelImport.Request(source, folder.resolve("fails"))))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(start);
    }

    private static ClipModel open(ModelBundle bundle) throws BundleException {
        return ClipModel.open(bundle, EncoderSettings.defaults().withDevice(Device.CPU));
    }

    private static List<String> inside(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> Objects.requireNonNull(file.getFileName()).toString())
                    .toList();
        }
    }
}

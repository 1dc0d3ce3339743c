package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Normalisation and transposition inside the graph give the numbers that they give outside. */
class TowerGraphTest {
    private static final Path FILE = Path.of("tower.onnx");
    private static final ImageTower TOWER = new ImageTower("tower.onnx", "pixel_values", "image_embeds");

    @TempDir
    Path folder = Path.of("");

    @Test
    void folds8BitPixelsIntoASmallGraph() throws Exception {
        Preprocessing odd = new Preprocessing(
                6,
                9,
                Preprocessing.ResizeMode.SQUASH,
                9,
                Preprocessing.CropRule.FLOOR,
                Preprocessing.Interpolation.BICUBIC,
                Preprocessing.Convert.BEFORE_RESIZE,
                1 / 127.5,
                List.of(0.9f, 1.1f, 0.2f),
                List.of(0.3f, 1.5f, 0.7f));
        ModelProto plain = new SmallGraph()
                .input("pixel_values", DataType.FLOAT, "N", 3, 9, 6)
                .weight("w", 3 * 9 * 6, 5)
                .node("Flatten", "flat", List.of("pixel_values"))
                .node("MatMul", "image_embeds", List.of("flat", "w"))
                .output("image_embeds", DataType.FLOAT, "N", 5)
                .build();
        ModelBundle bundle = new ModelFolder(folder.resolve("odd"))
                .graph("v.onnx", plain)
                .graph(
                        "t.onnx",
                        SmallGraph.textTower("input_ids", "text_embeds", DataType.INT32, "N", 6, 16, 5)
                                .build())
                .text("tokenizer.json", ModelFolder.TOKENIZER)
                .asBundle(odd, 5);
        assertFoldedEqualsPlain(bundle, plain);
    }

    @Test
    void folds8BitPixelsIntoTinyClip() throws Exception {
        ModelBundle bundle = ModelImport.run(new ModelImport.Request(Golden.tinyClip(), folder.resolve("tiny")))
                .bundle();
        assertFoldedEqualsPlain(bundle, OnnxFile.read(bundle.folder().resolve("image/vision_model.onnx")));
    }

    private static void assertFoldedEqualsPlain(ModelBundle bundle, ModelProto plain) throws Exception {
        Random random = new Random(3);
        try (ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults().withDevice(Device.CPU))) {
            for (int i = 0; i < 20; i++) {
                byte[] crop = new byte[bundle.preprocessing().cropBytes()];
                random.nextBytes(crop);
                float[] folded = model.rawImages(List.of(crop))[0];
                float[] expected = run(plain, bundle.preprocessing(), crop);
                double scale = Math.max(1, Math.sqrt(UnitVectors.dot(expected, expected)));
                for (int d = 0; d < folded.length; d++) {
                    assertThat(folded[d] / scale).isCloseTo(expected[d] / scale, within(1e-4));
                }
            }
        }
    }

    private static float[] run(ModelProto plain, Preprocessing preprocessing, byte[] crop) throws OrtException {
        OrtEnvironment environment = OrtRuntime.environment();
        long[] shape = {1, 3, preprocessing.height(), preprocessing.width()};
        try (OrtSession session = environment.createSession(plain.toByteArray());
                OnnxTensor pixels =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(preprocessing.tensor(crop)), shape);
                OrtSession.Result result = session.run(Map.of("pixel_values", pixels), Set.of("image_embeds"))) {
            return ((float[][]) result.get(0).getValue())[0];
        }
    }

    @Test
    void saysWhichShapesDoNotFit() {
        Preprocessing clip = Preprocessing.clip(8);
        assertRefused(
                new SmallGraph().input("pixel_values", DataType.FLOAT, "N", 8, 8, 3),
                clip,
                "tower.onnx: input 'pixel_values' has shape N×8×8×3; the bundle's preprocessing gives N×3×8×8");
        assertRefused(
                new SmallGraph().input("pixel_values", DataType.UINT8, "N", 3, 8, 8),
                clip,
                "tower.onnx: input 'pixel_values' is UINT8; an image tower takes floats");
        assertRefused(
                new SmallGraph().input("pixels", DataType.FLOAT, "N", 3, 8, 8),
                clip,
                "tower.onnx has no input 'pixel_values'; it has [pixels]");
        assertRefused(
                SmallGraph.imageTower("pixel_values", "embedding", "N", 8, 4),
                clip,
                "tower.onnx has no output 'image_embeds'; it has [embedding]");
        assertRefused(
                SmallGraph.imageTower("pixel_values", "image_embeds", "N", 8, 5),
                clip,
                "tower.onnx: output 'image_embeds' has shape N×5; the bundle's embeddings are N×4");
        assertRefused(
                new SmallGraph()
                        .input("pixel_values", DataType.FLOAT, "N", 3, 8, 8)
                        .output("image_embeds", DataType.FLOAT, "N", 7, 4),
                clip,
                "tower.onnx: output 'image_embeds' has shape N×7×4; the bundle's embeddings are N×4");
        assertRefused(
                SmallGraph.imageTower("pixel_values", "image_embeds", "N", 8, 4).opset(6),
                clip,
                "tower.onnx uses ONNX operators of version 6; at least 7 is needed: export the model again");
    }

    @Test
    void saysWhichTextInputsDoNotFit() {
        TextTower tower = new TextTower("tower.onnx", "input_ids", null, null, "text_embeds");
        assertThatThrownBy(() -> TowerGraph.text(
                        SmallGraph.textTower("input_ids", "text_embeds", DataType.FLOAT, "N", 6, 16, 4)
                                .build(),
                        FILE,
                        tower,
                        6,
                        4))
                .hasMessage("tower.onnx: input 'input_ids' is FLOAT; token ids are INT32 or INT64");
        assertThatThrownBy(() -> TowerGraph.text(
                        SmallGraph.textTower("input_ids", "text_embeds", DataType.INT64, "N", 6, 16, 4)
                                .build(),
                        FILE,
                        tower,
                        77,
                        4))
                .hasMessage("tower.onnx: input 'input_ids' has shape N×6; the bundle's tokenizer gives N×77");
        assertThatThrownBy(() -> TowerGraph.text(
                        SmallGraph.textTower("input_ids", "text_embeds", DataType.INT64, "N", 6, 16, 4)
                                .input("token_type_ids", DataType.INT64, "N", 6)
                                .build(),
                        FILE,
                        tower,
                        6,
                        4))
                .hasMessage("tower.onnx: input 'token_type_ids' is none that a CLIP text tower has");
    }

    private static void assertRefused(SmallGraph graph, Preprocessing preprocessing, String message) {
        assertThatThrownBy(() -> TowerGraph.image(graph.build(), FILE, TOWER, preprocessing, 4))
                .isInstanceOf(BundleException.class)
                .hasMessage(message);
    }
}

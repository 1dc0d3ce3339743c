package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.onnx.Tensors;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds on a GPU: run with {@code -Pgpu} on a machine that has one. */
@Tag("gpu")
class GpuTest {
    private static final Device GPU = Device.parse("cuda");

    @TempDir
    Path folder = Path.of("");

    @BeforeAll
    static void requireCuda() {
        try {
            Accelerator.choose(EncoderSettings.defaults().withDevice(GPU));
        } catch (BundleException e) {
            Assumptions.abort("skipped: " + e.getMessage());
        }
    }

    @Test
    void givesTheCpusEmbeddingsInHalfPrecision() throws Exception {
        ModelBundle bundle = ModelImport.run(new ModelImport.Request(Golden.tinyClip(), folder.resolve("tiny")))
                .bundle();
        EncoderSettings settings = EncoderSettings.defaults();
        List<byte[]> crops = crops(bundle, 20);
        List<String> texts = List.of("a photo of a cat", "a dog", "", "a small red boat on a lake at dawn");
        try (ClipModel cpu = ClipModel.open(bundle, settings.withDevice(Device.CPU));
                ClipModel gpu = ClipModel.open(bundle, settings.withDevice(GPU).withPrecision(Precision.FP16))) {
            assertThat(gpu.precision()).isEqualTo(Precision.FP16);
            assertThat(gpu.provider()).isEqualTo("CUDAExecutionProvider");
            assertNear(cpu.images().encode(crops), gpu.images().encode(crops));
            assertNear(cpu.texts().encode(texts), gpu.texts().encode(texts));
            assertThat(BundleVerifier.verify(gpu).problems()).isEmpty();
        }
    }

    private static void assertNear(float[][] expected, float[][] found) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(UnitVectors.dot(expected[i], found[i])).isCloseTo(1, within(2e-3));
        }
    }

    @Test
    void fillsBatchesAndKeepsTheirOrder() throws Exception {
        ModelBundle bundle = ModelFolder.huggingFace(folder.resolve("m")).bundle();
        List<byte[]> crops = crops(bundle, 100);
        try (ClipModel gpu = ClipModel.open(
                bundle, EncoderSettings.defaults().withDevice(GPU).withMaxBatch(32))) {
            float[][] together = gpu.images().encode(crops);
            for (int i = 0; i < together.length; i++) {
                float[] alone = gpu.images().encode(List.of(crops.get(i)))[0];
                assertThat(UnitVectors.dot(together[i], alone)).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Test
    void halvesABatchThatItsMemoryDoesNotHold() throws Exception {
        // 200 MB an image on the way: more than any GPU has for 1024 of them
        TensorProto wide = Tensors.ofLongs("wide", new long[] {1, 4, 12_500_000}, 3);
        SmallGraph graph = new SmallGraph()
                .input("pixel_values", DataType.FLOAT, "N", 3, 8, 8)
                .weight("w", 192, 4)
                .node("Flatten", "flat", List.of("pixel_values"))
                .node("MatMul", "small", List.of("flat", "w"))
                .node("Unsqueeze", "narrow", List.of("small"), SmallGraph.integers("axes", 2L))
                .node("Expand", "huge", List.of("narrow", "wide"))
                .node(
                        "ReduceMean",
                        "image_embeds",
                        List.of("huge"),
                        SmallGraph.integers("axes", 2L),
                        SmallGraph.integer("keepdims", 0))
                .output("image_embeds", DataType.FLOAT, "N", 4)
                .opset(12);
        ModelProto model = graph.build();
        ModelBundle bundle = ModelFolder.huggingFace(folder.resolve("huge"))
                .graph(
                        "onnx/vision_model.onnx",
                        model.toBuilder()
                                .setGraph(model.getGraph().toBuilder().addInitializer(wide))
                                .build())
                .bundle();
        List<byte[]> crops = crops(bundle, 1024);
        try (ClipModel gpu = ClipModel.open(
                bundle, EncoderSettings.defaults().withDevice(GPU).withMaxBatch(1024))) {
            float[][] embeddings = gpu.images().encode(crops);
            float[] last = gpu.images().encode(crops.subList(1023, 1024))[0];
            assertThat(UnitVectors.dot(embeddings[1023], last)).isCloseTo(1, within(1e-5));
        }
    }

    private static List<byte[]> crops(ModelBundle bundle, int count) {
        Random random = new Random(11);
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] crop = new byte[bundle.preprocessing().cropBytes()];
            random.nextBytes(crop);
            crops.add(crop);
        }
        return crops;
    }
}

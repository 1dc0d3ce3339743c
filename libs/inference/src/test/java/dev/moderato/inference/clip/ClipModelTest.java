package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in use: what it takes and gives, who may share it, and when it ends. */
class ClipModelTest {
    @TempDir
    Path folder = Path.of("");

    private ModelBundle bundle() throws BundleException {
        return ModelFolder.huggingFace(folder.resolve("m")).bundle();
    }

    private static EncoderSettings cpu() {
        return EncoderSettings.defaults().withDevice(Device.CPU);
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

    @Test
    void givesUnitEmbeddingsOfRawOutputs() throws Exception {
        ModelBundle bundle = bundle();
        try (ClipModel model = ClipModel.open(bundle, cpu())) {
            List<byte[]> crops = crops(bundle, 5);
            float[][] unit = model.images().encode(crops);
            float[][] raw = model.rawImages(crops);
            for (int i = 0; i < unit.length; i++) {
                double length = Math.sqrt(UnitVectors.dot(raw[i], raw[i]));
                assertThat(length).isNotCloseTo(1, within(0.01));
                for (int d = 0; d < unit[i].length; d++) {
                    assertThat(unit[i][d]).isCloseTo((float) (raw[i][d] / length), within(1e-6f));
                }
            }
        }
    }

    @Test
    void leavesNormalisedOutputsAsTheyAre() throws Exception {
        ModelProto normalised = new SmallGraph()
                .input("pixel_values", DataType.FLOAT, "N", 3, 8, 8)
                .weight("w", 192, 4)
                .node("Flatten", "flat", List.of("pixel_values"))
                .node("MatMul", "raw", List.of("flat", "w"))
                .node(
                        "LpNormalization",
                        "image_embeds",
                        List.of("raw"),
                        SmallGraph.integer("axis", 1),
                        SmallGraph.integer("p", 2))
                .output("image_embeds", DataType.FLOAT, "N", 4)
                .build();
        ModelBundle bundle = ModelFolder.huggingFace(folder.resolve("n"))
                .graph("onnx/vision_model.onnx", normalised)
                .bundle();
        try (ClipModel model = ClipModel.open(bundle, cpu())) {
            float[] raw = model.rawImages(crops(bundle, 1))[0];
            float[] unit = model.images().encode(crops(bundle, 1))[0];
            assertThat(UnitVectors.dot(raw, unit)).isCloseTo(1, within(1e-6));
            assertThat(UnitVectors.dot(raw, raw)).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void takesIdsOfEitherWidthAndAnyLength() throws Exception {
        List<float[]> found = new ArrayList<>();
        for (DataType ids : List.of(DataType.INT32, DataType.INT64)) {
            for (Object length : List.<Object>of("L", 6)) {
                ModelBundle bundle = ModelFolder.huggingFace(folder.resolve(ids + "-" + length))
                        .graph(
                                "onnx/text_model.onnx",
                                SmallGraph.textTower("input_ids", "text_embeds", ids, "N", length, 16, 4)
                                        .build())
                        .bundle();
                try (ClipModel model = ClipModel.open(bundle, cpu())) {
                    found.add(model.texts().encode(List.of("a photo of a big dog", "a cat"))[1]);
                }
            }
        }
        assertThat(found)
                .hasSize(4)
                .allSatisfy(embedding -> assertThat(embedding).isEqualTo(found.get(0)));
    }

    @Test
    void feedsMasksAndPositions() throws Exception {
        ModelProto masked = new SmallGraph()
                .input("input_ids", DataType.INT64, "N", "L")
                .input("attention_mask", DataType.INT64, "N", "L")
                .input("position_ids", DataType.INT64, "N", "L")
                .weight("table", 16, 4)
                .weight("positions", 6, 4)
                .node("Gather", "tokens", List.of("table", "input_ids"))
                .node("Gather", "places", List.of("positions", "position_ids"))
                .node("Add", "placed", List.of("tokens", "places"))
                .node("Cast", "mask", List.of("attention_mask"), SmallGraph.integer("to", DataType.FLOAT_VALUE))
                .node("Unsqueeze", "wide", List.of("mask"), SmallGraph.integers("axes", 2L))
                .node("Mul", "kept", List.of("placed", "wide"))
                .node(
                        "ReduceSum",
                        "text_embeds",
                        List.of("kept"),
                        SmallGraph.integers("axes", 1L),
                        SmallGraph.integer("keepdims", 0))
                .output("text_embeds", DataType.FLOAT, "N", 4)
                .opset(12)
                .build();
        ModelFolder files = ModelFolder.huggingFace(folder.resolve("masked")).graph("onnx/text_model.onnx", masked);
        ModelBundle zeros = files.bundle();
        ModelBundle twos = ModelImport.run(new ModelImport.Request(
                        files.path(),
                        new NamedFiles(null, null, null, null, null, 2),
                        folder.resolve("twos"),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null))
                .bundle();
        assertThat(zeros.manifest().text().attentionMask()).isEqualTo("attention_mask");
        assertThat(zeros.manifest().text().positionIds()).isEqualTo("position_ids");
        try (ClipModel one = ClipModel.open(zeros, cpu());
                ClipModel other = ClipModel.open(twos, cpu())) {
            // what fills a text up is masked away
            assertThat(one.rawTexts(List.of("a cat"))).isDeepEqualTo(other.rawTexts(List.of("a cat")));
            assertThat(one.rawTexts(List.of("a cat"))).isNotEqualTo(one.rawTexts(List.of("cat a")));
        }
    }

    @Test
    void splitsAndKeepsTheOrderOfLargeBatches() throws Exception {
        ModelBundle bundle = bundle();
        List<byte[]> crops = crops(bundle, 23);
        try (ClipModel small = ClipModel.open(bundle, cpu().withMaxBatch(4));
                ClipModel large = ClipModel.open(bundle, cpu().withMaxBatch(64))) {
            float[][] inParts = small.images().encode(crops);
            float[][] whole = large.images().encode(crops);
            for (int i = 0; i < whole.length; i++) {
                assertThat(UnitVectors.dot(inParts[i], whole[i])).isCloseTo(1, within(1e-6));
            }
            assertThat(large.images().encode(List.of())).isEmpty();
        }
    }

    @Test
    void refusesACropOfAnotherSize() throws Exception {
        try (ClipModel model = ClipModel.open(bundle(), cpu())) {
            assertThatThrownBy(() -> model.images().encode(List.of(new byte[5])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a crop for this model has 192 bytes, not 5");
        }
    }

    @Test
    void remembersTexts() throws Exception {
        ModelBundle bundle = bundle();
        Accelerator accelerator = Accelerator.choose(cpu());
        try (TextTowerRun texts = TextTowerRun.open(bundle, accelerator, new ArrayList<>())) {
            float[][] first = texts.unit(List.of("a cat", "a dog", "a cat"));
            assertThat(texts.cachedTexts()).isEqualTo(2);
            assertThat(first[0]).isEqualTo(first[2]);
            first[0][0] = 99; // a caller's array is its own
            assertThat(texts.unit(List.of("a cat"))[0]).isEqualTo(first[2]);
        }
        EncoderSettings few = new EncoderSettings(Device.CPU, Precision.AUTO, 1, 8, false, null, 3);
        try (TextTowerRun texts = TextTowerRun.open(bundle, Accelerator.choose(few), new ArrayList<>())) {
            texts.unit(List.of("a", "b", "c", "d", "e"));
            assertThat(texts.cachedTexts()).isEqualTo(3);
        }
    }

    @Test
    void livesUntilItsLastUserCloses() throws Exception {
        ClipModel model = ClipModel.open(bundle(), cpu());
        ClipModel shared = model.retain();
        model.close();
        assertThat(shared.texts().encode(List.of("a cat"))).hasDimensions(1, 4);
        shared.close();
        assertThatThrownBy(() -> shared.texts().encode(List.of("a cat")))
                .isInstanceOfSatisfying(
                        EncoderException.class, e -> assertThat(e.kind()).isEqualTo(EncoderException.Kind.SESSION_LOST))
                .hasMessage("model m-bundle is closed");
        assertThatThrownBy(shared::retain).hasMessage("model m-bundle is closed");
        assertThatThrownBy(shared::close).hasMessage("model m-bundle was closed more often than it was shared");
    }

    @Test
    void servesManyThreadsAtATime() throws Exception {
        ModelBundle bundle = bundle();
        List<byte[]> crops = crops(bundle, 40);
        List<String> texts = List.of("a cat", "a dog", "a photo of a big dog", "of", "");
        ClipModel model = ClipModel.open(bundle, cpu().withMaxBatch(8));
        float[][] images = model.images().encode(crops);
        float[][] vectors = model.texts().encode(texts);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> runs = new ArrayList<>();
            for (int t = 0; t < 32; t++) {
                int offset = t;
                Callable<Boolean> run = () -> {
                    try (ClipModel own = model.retain()) {
                        for (int i = 0; i < 50; i++) {
                            int image = (offset * 7 + i) % crops.size();
                            int text = (offset + i) % texts.size();
                            if (distance(own.images().encode(List.of(crops.get(image)))[0], images[image]) > 1e-6
                                    || distance(own.texts().encode(List.of(texts.get(text)))[0], vectors[text])
                                            > 1e-6) {
                                return false;
                            }
                        }
                        return true;
                    }
                };
                runs.add(threads.submit(run));
            }
            for (Future<Boolean> run : runs) {
                assertThat(run.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
        // closed under runs that are under way: each ends well or is told so
        ExecutorService others = Executors.newFixedThreadPool(4);
        List<Future<?>> runs = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            runs.add(others.submit(() -> {
                try {
                    while (true) {
                        model.images().encode(crops);
                    }
                } catch (EncoderException e) {
                    assertThat(e.kind()).isEqualTo(EncoderException.Kind.SESSION_LOST);
                }
            }));
        }
        model.close();
        for (Future<?> run : runs) {
            run.get();
        }
        others.shutdown();
    }

    private static double distance(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    @Test
    void warnsOfHalfPrecisionOnACpu() throws Exception {
        ModelProto half = new SmallGraph()
                .input("pixel_values", DataType.FLOAT16, "N", 3, 8, 8)
                .weight("w", DataType.FLOAT16, 192, 4)
                .node("Flatten", "flat", List.of("pixel_values"))
                .node("MatMul", "image_embeds", List.of("flat", "w"))
                .output("image_embeds", DataType.FLOAT16, "N", 4)
                .build();
        ModelImport.Imported imported = ModelFolder.huggingFace(folder.resolve("half"))
                .graph("onnx/vision_model.onnx", half)
                .imported();
        assertThat(imported.notes())
                .contains(folder.resolve("half/onnx/vision_model.onnx")
                        + " is fp16 and runs on the CPU, some 26 times slower than fp32: import the float32 files");
        assertThat(imported.bundle().imagePrecision()).isEqualTo(Precision.FP16);
        try (ClipModel model = ClipModel.open(imported.bundle(), cpu())) {
            assertThat(model.warnings()).hasSize(1);
            assertThat(model.images().encode(crops(imported.bundle(), 1))).hasDimensions(1, 4);
        }
        assertOpenFails(
                imported.bundle(),
                cpu().withPrecision(Precision.FP32),
                "precision fp32 was asked for, but "
                        + imported.bundle().folder().resolve("image/vision_model.onnx")
                        + " is fp16: import the float files");
    }

    @Test
    void saysWhichPrecisionCannotBeHad() throws Exception {
        ModelBundle bundle = bundle();
        assertOpenFails(
                bundle,
                cpu().withPrecision(Precision.FP16),
                "precision fp16 was asked for, but the model runs on the CPU, where fp16 is some 26 times slower: leave"
                        + " precision at auto, or use device cuda");
        assertOpenFails(
                bundle,
                cpu().withPrecision(Precision.INT8),
                "precision int8 was asked for, but " + bundle.folder().resolve("image/vision_model.onnx")
                        + " is fp32: import the quantised files (for one, onnx/vision_model_quantized.onnx)");
    }

    @Test
    void runsQuantisedGraphs() throws Exception {
        ModelBundle bundle = ModelImport.run(new ModelImport.Request(
                        Golden.tinyClip(),
                        NamedFiles.NONE,
                        folder.resolve("q"),
                        null,
                        "quantized",
                        null,
                        null,
                        null,
                        null))
                .bundle();
        assertThat(bundle.imagePrecision()).isEqualTo(Precision.INT8);
        ModelBundle plain = ModelImport.run(new ModelImport.Request(Golden.tinyClip(), folder.resolve("p")))
                .bundle();
        try (ClipModel quantised = ClipModel.open(bundle, cpu().withPrecision(Precision.INT8));
                ClipModel model = ClipModel.open(plain, cpu())) {
            byte[] crop = Probe.crop(bundle.preprocessing());
            float[] one = quantised.images().encode(List.of(crop))[0];
            assertThat(UnitVectors.dot(one, model.images().encode(List.of(crop))[0]))
                    .isBetween(0.95, 0.999999);
        }
    }

    @Test
    void saysWhatIsWrongWithABundle() throws Exception {
        ModelBundle bundle = bundle();
        Path tokenizer = bundle.folder().resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"dog\"", "\"dig\""));
        assertThatThrownBy(() -> ModelBundle.read(bundle.folder()))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(tokenizer + " has sha256 ")
                .hasMessageEndingWith(": the file was changed or is incomplete, copy the bundle again");
        Files.delete(tokenizer);
        assertThatThrownBy(() -> ModelBundle.read(bundle.folder()))
                .hasMessage(tokenizer + " is missing: the bundle is incomplete, copy it again");
        Path secret = Files.writeString(folder.resolve("secret"), "x");
        Files.createSymbolicLink(tokenizer, secret);
        assertThatThrownBy(() -> ModelBundle.read(bundle.folder()))
                .hasMessage(tokenizer + " is a link that leads out of the bundle");
    }

    @Test
    void saysWhatIsWrongInABundlesJson() throws Exception {
        ModelBundle bundle = bundle();
        Path file = bundle.folder().resolve("bundle.json");
        String good = Files.readString(file);
        assertJsonFails(
                bundle,
                good.replace("\"format\" : 1", "\"format\" : 9"),
                file + " has format 9; this version reads format 1");
        assertJsonFails(
                bundle,
                good.replace("\"logitScale\" : 100.0", "\"logitScale\" : -1"),
                file + ": logitScale must be a positive number, not -1.0");
        assertJsonFails(
                bundle,
                good.replace("\"bicubic\"", "\"cubic\""),
                file
                        + ": preprocessing.interpolation is 'cubic'; it must be one of: nearest, box, bilinear, hamming, bicubic, lanczos");
        assertJsonFails(
                bundle, good.replace("\"embeddingSize\"", "\"embedding\""), file + ": embeddingSize is missing");
        assertJsonFails(
                bundle,
                good.replace("\"embeddingSize\"", "\"bias\" : 1, \"embeddingSize\""),
                file + ": unknown key 'bias'; known here: embeddingSize, id, ");
        assertJsonFails(bundle, good.replace("tokenizer.json\" : \"", "../tokenizer.json\" : \""), file + ": '");
        assertJsonFails(bundle, good.substring(1), file + " is no valid");
        assertThatThrownBy(() -> ModelBundle.read(folder))
                .hasMessage(
                        folder + " is no model bundle: it has no bundle.json (`model import` makes a bundle from model"
                                + " files)");
    }

    @Test
    void noticesOtherNumbers() throws Exception {
        ModelBundle bundle = bundle();
        Path file = bundle.folder().resolve("bundle.json");
        String changed = Files.readString(file).replaceAll("(?s)(\"image\" : \\[)[^,\\]]+", "$1 0.987654");
        Files.writeString(file, changed);
        try (ClipModel model = ClipModel.open(ModelBundle.read(bundle.folder()), cpu())) {
            BundleVerifier.Report report = BundleVerifier.verify(model);
            assertThat(report.passed()).isFalse();
            assertThat(report.problems()).singleElement().asString().startsWith("the image embedding drifts by ");
        }
    }

    private static void assertJsonFails(ModelBundle bundle, String json, String start) throws Exception {
        Files.writeString(bundle.folder().resolve("bundle.json"), json);
        assertThatThrownBy(() -> ModelBundle.read(bundle.folder()))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(start);
    }

    private static void assertOpenFails(ModelBundle bundle, EncoderSettings settings, String message) {
        assertThatThrownBy(() -> ClipModel.open(bundle, settings))
                .isInstanceOf(BundleException.class)
                .hasMessage(message);
    }
}

package dev.moderato.trainer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ImageTower;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.inference.clip.TextTower;
import dev.moderato.inference.clip.TokenizerSettings;
import dev.moderato.inference.image.Preprocessing;
import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * Ten steps of contrastive training of a tiny CLIP as PyTorch did them. The data lies beside the repository; a test that needs it is
 * skipped, with a message, where it is not there.
 */
public final class Golden {
    /** The side of its images. */
    public static final int SIDE = 64;

    private static final Path FOLDER = Path.of("..", "..", "shared", "golden");

    private final JsonNode training;

    private Golden(JsonNode training) {
        this.training = training;
    }

    /** Skips the test where the reference data is missing. */
    public static Golden open() throws IOException {
        assumeTrue(
                Files.isDirectory(FOLDER),
                () -> "no reference data in " + FOLDER.toAbsolutePath().normalize());
        Path file = FOLDER.resolve("training/tiny-clip-hf-contrastive.json");
        return new Golden(new ObjectMapper().readTree(file.toFile()));
    }

    /** The float exports, or with {@code _quantized} the int8 ones. */
    public Path imageModel(String variant) {
        return FOLDER.resolve("models/tiny-clip-hf/onnx/vision_model" + variant + ".onnx");
    }

    /** The same for the text tower. */
    public Path textModel(String variant) {
        return FOLDER.resolve("models/tiny-clip-hf/onnx/text_model" + variant + ".onnx");
    }

    public double logitScale() {
        return training.get("logit_scale").asDouble();
    }

    public List<String> captions() {
        List<String> captions = new ArrayList<>();
        training.get("captions").forEach(c -> captions.add(c.asText()));
        return captions;
    }

    public long[][] tokens() {
        JsonNode rows = training.get("input_ids");
        long[][] tokens = new long[rows.size()][];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = new long[rows.get(i).size()];
            for (int k = 0; k < tokens[i].length; k++) {
                tokens[i][k] = rows.get(i).get(k).asLong();
            }
        }
        return tokens;
    }

    /** The norms of some weights' gradients before the first step, by PyTorch's name of the weight. */
    public Map<String, Double> gradientNorms() {
        Map<String, Double> norms = new TreeMap<>();
        training.get("gradient_norms_step0")
                .properties()
                .forEach(e -> norms.put(e.getKey(), e.getValue().asDouble()));
        return norms;
    }

    /** The norm of all weights' gradients together. */
    public double gradientNorm() {
        return training.get("gradient_norm_total_step0").asDouble();
    }

    /** The loss of each step before its update. */
    public double[] losses(String optimizer) {
        return numbers(training.get(optimizer).get("losses"));
    }

    public double[][] imagesAfter(String optimizer) {
        return matrix(training.get(optimizer).get("image_embeds_after"));
    }

    public double[][] textsAfter(String optimizer) {
        return matrix(training.get(optimizer).get("text_embeds_after"));
    }

    /** Normalised pixels of the images that it trains on: n × 3 × 64 × 64. */
    public float[] pixels() throws IOException {
        Path file = FOLDER.resolve("models/tiny-clip-hf/golden_pixel_values.npy.gz");
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            in.skipNBytes(8);
            in.skipNBytes(Short.reverseBytes(in.readShort()));
            float[] pixels = new float[captions().size() * 3 * SIDE * SIDE];
            ByteBuffer.wrap(in.readNBytes(pixels.length * 4))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(pixels);
            return pixels;
        }
    }

    /** Writes the images as files that preprocessing leaves as they are, and a CSV of them with their captions. */
    public Path writePairs(Path folder) throws IOException {
        float[] pixels = pixels();
        StringBuilder csv = new StringBuilder("image,caption\n");
        for (int i = 0; i < captions().size(); i++) {
            ImageIO.write(picture(pixels, i), "png", folder.resolve(i + ".png").toFile());
            csv.append(i).append(".png,\"").append(captions().get(i)).append("\"\n");
        }
        return Files.writeString(folder.resolve("pairs.csv"), csv);
    }

    private static BufferedImage picture(float[] pixels, int index) {
        Preprocessing clip = Preprocessing.clip(SIDE);
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    float value = pixels[((index * 3 + c) * SIDE + y) * SIDE + x];
                    float level = value * clip.std().get(c) + clip.mean().get(c);
                    rgb = rgb << 8 | Math.round(level * 255);
                }
                picture.setRGB(x, y, rgb);
            }
        }
        return picture;
    }

    /** The model as a bundle. */
    public ModelBundle writeBundle(Path folder) throws IOException, BundleException {
        Files.createDirectories(folder);
        Files.copy(imageModel(""), folder.resolve("image.onnx"));
        Files.copy(textModel(""), folder.resolve("text.onnx"));
        Files.copy(FOLDER.resolve("models/tiny-clip-hf/tokenizer.json"), folder.resolve("tokenizer.json"));
        return BundleWriter.write(
                folder,
                new BundleManifest(
                        "tiny",
                        new ImageTower("image.onnx", "pixel_values", "image_embeds"),
                        new TextTower("text.onnx", "input_ids", null, null, "text_embeds"),
                        32,
                        Preprocessing.clip(SIDE),
                        new TokenizerSettings(TokenizerSettings.HUGGING_FACE, "tokenizer.json", 77, 49407),
                        100,
                        null,
                        false,
                        Provenance.UNKNOWN));
    }

    private static double[][] matrix(JsonNode rows) {
        double[][] matrix = new double[rows.size()][];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = numbers(rows.get(i));
        }
        return matrix;
    }

    private static double[] numbers(JsonNode list) {
        double[] numbers = new double[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i).asDouble();
        }
        return numbers;
    }
}

package dev.moderato.inference.clip;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/** Reference results beside the checkout; tests that need them are skipped where they are not. */
final class Golden {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Golden() {}

    static Path file(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isRegularFile(root.resolve("moderato"))) {
            root = root.getParent();
        }
        Path golden =
                root == null ? Path.of(name) : root.resolve("../shared/golden").normalize();
        Assumptions.assumeTrue(Files.isDirectory(golden), () -> "skipped: there are no reference results at " + golden);
        return golden.resolve(name);
    }

    static Path tinyClip() {
        return file("models/tiny-clip-hf");
    }

    static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readAllBytes(file));
    }

    static JsonNode json(String line) throws IOException {
        return JSON.readTree(line);
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.path(i).floatValue();
        }
        return values;
    }

    /** The numbers of a gzipped .npy file of float32. */
    static float[] npy(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            int header = bytes.getShort(8);
            String description = new String(bytes.array(), 10, header, StandardCharsets.US_ASCII);
            if (!description.contains("'<f4'")) {
                throw new IOException(file + " is not float32: " + description);
            }
            float[] values = new float[(bytes.limit() - 10 - header) / Float.BYTES];
            bytes.position(10 + header);
            bytes.asFloatBuffer().get(values);
            return values;
        }
    }
}

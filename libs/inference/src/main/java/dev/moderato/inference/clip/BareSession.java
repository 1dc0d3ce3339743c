package dev.moderato.inference.clip;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.moderato.onnx.Half;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The image graph as its exporter wrote it, in a session with nothing around it, run again and again on one float tensor that
 * was prepared before: the ceiling that an encoder is held against. For one thread.
 */
public final class BareSession implements AutoCloseable {
    private final OrtSession session;
    private final OnnxTensor pixels;
    private final ImageTower tower;

    private BareSession(OrtSession session, OnnxTensor pixels, ImageTower tower) {
        this.session = session;
        this.pixels = pixels;
        this.tower = tower;
    }

    /**
     * Opens a session on the device of the settings, with the options of an encoder there.
     *
     * @param crops the batch, uint8 as for {@link ImageEncoder#encode}
     */
    public static BareSession open(ModelBundle bundle, EncoderSettings settings, List<byte[]> crops)
            throws BundleException {
        ImageTower tower = bundle.manifest().image();
        Path file = bundle.file(tower.model());
        OrtEnvironment environment = OrtRuntime.environment();
        try (SessionOptions options = Accelerator.choose(settings).options()) {
            OrtSession session = environment.createSession(file.toString(), options);
            try {
                return new BareSession(session, tensor(environment, OnnxFile.map(file), bundle, crops), tower);
            } catch (OrtException | IOException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException | IOException e) {
            throw new BundleException(file + " cannot be run: " + e.getMessage(), e);
        }
    }

    private static OnnxTensor tensor(
            OrtEnvironment environment, ModelProto graph, ModelBundle bundle, List<byte[]> crops) throws OrtException {
        long[] shape = {
            crops.size(),
            3,
            bundle.preprocessing().height(),
            bundle.preprocessing().width()
        };
        int elements = Math.multiplyExact(crops.size(), bundle.preprocessing().cropBytes());
        ByteBuffer bytes = ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
        if (isHalf(graph, bundle.manifest().image().input())) {
            ShortBuffer halves = bytes.asShortBuffer();
            for (byte[] crop : crops) {
                for (float value : bundle.preprocessing().tensor(crop)) {
                    halves.put(Half.fromFloat(value));
                }
            }
            return OnnxTensor.createTensor(environment, halves.flip(), shape, OnnxJavaType.FLOAT16);
        }
        FloatBuffer floats = bytes.asFloatBuffer();
        for (byte[] crop : crops) {
            floats.put(bundle.preprocessing().tensor(crop));
        }
        return OnnxTensor.createTensor(environment, floats.flip(), shape);
    }

    private static boolean isHalf(ModelProto graph, String input) {
        for (ValueInfoProto candidate : graph.getGraph().getInputList()) {
            if (candidate.getName().equals(input)) {
                return TowerGraph.elementType(candidate) == DataType.FLOAT16;
            }
        }
        return false;
    }

    /** Runs the batch once. */
    public void run() {
        try {
            session.run(Map.of(tower.input(), pixels), Set.of(tower.output())).close();
        } catch (OrtException e) {
            throw new EncoderException(OrtTower.kindOf(e), "the bare session failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        pixels.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the session was closed before", e);
        }
    }
}

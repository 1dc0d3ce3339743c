package dev.moderato.inference.clip;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The image tower in ONNX Runtime: uint8 crops in. */
final class ImageTowerRun implements AutoCloseable {
    private final OrtTower tower;
    private final Precision precision;
    private final int cropBytes;

    private ImageTowerRun(OrtTower tower, Precision precision, int cropBytes) {
        this.tower = tower;
        this.precision = precision;
        this.cropBytes = cropBytes;
    }

    static ImageTowerRun open(ModelBundle bundle, Accelerator accelerator, List<String> warnings)
            throws BundleException, IOException, OrtException {
        Preprocessing preprocessing = bundle.preprocessing();
        ImageTower tower = bundle.manifest().image();
        Path file = bundle.file(tower.model());
        GraphPrecision precision = GraphPrecision.of(OnnxFile.map(file), file);
        TowerGraph graph = precision.fit(
                accelerator,
                warnings,
                model -> TowerGraph.image(model, file, tower, preprocessing, bundle.embeddingSize()));
        OrtTower.Input pixels = new OrtTower.Input(
                graph.input(), OnnxJavaType.UINT8, List.of(preprocessing.height(), preprocessing.width(), 3));
        return new ImageTowerRun(
                OrtTower.open(graph, file, List.of(pixels), bundle.embeddingSize(), accelerator),
                precision.under(accelerator),
                preprocessing.cropBytes());
    }

    Precision precision() {
        return precision;
    }

    float[][] raw(List<byte[]> crops) {
        for (byte[] crop : crops) {
            if (crop.length != cropBytes) {
                throw new IllegalArgumentException(
                        "a crop for this model has " + cropBytes + " bytes, not " + crop.length);
            }
        }
        return tower.run(crops.size(), (index, inputs) -> inputs[0].put(crops.get(index)));
    }

    @Override
    public void close() {
        tower.close();
    }
}

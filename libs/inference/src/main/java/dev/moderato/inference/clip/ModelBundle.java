package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.OnnxFormatException;
import dev.moderato.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model on disk that was checked: every file is there and is what {@code bundle.json} says.
 *
 * @param sha256 of {@code bundle.json}, which holds the sha256 of every other file: one checksum for the whole
 * @param files the sha256 of each file by its path in the folder
 */
public record ModelBundle(
        Path folder, String sha256, BundleManifest manifest, SortedMap<String, String> files, Probe probe) {
    public ModelBundle {
        files = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * Reads and checks a bundle: keys, values, files, checksums, the graphs' inputs and outputs.
     *
     * @throws BundleException with the file and what is wrong with it
     */
    public static ModelBundle read(Path folder) throws BundleException {
        Path json = folder.resolve(BundleJson.FILE);
        if (!Files.isRegularFile(json)) {
            throw new BundleException(folder + " is no model bundle: it has no " + BundleJson.FILE
                    + " (`model import` makes a bundle from model files)");
        }
        try {
            byte[] bytes = Files.readAllBytes(json);
            BundleJson.Document document = BundleJson.parse(bytes, json);
            ModelBundle bundle = new ModelBundle(
                    folder,
                    Checksums.of(bytes),
                    document.manifest(),
                    new TreeMap<>(document.files()),
                    document.probe());
            bundle.checkFiles();
            bundle.checkGraphs();
            return bundle;
        } catch (IOException e) {
            throw new BundleException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What a bundle consists of besides its {@code bundle.json}, before all of it is there.
     *
     * @param json a bundle's {@code bundle.json}; the files lie, or will lie, in its folder
     * @return the sha256 of each file by its path in the folder
     * @throws BundleException where it is no bundle.json, or names a file outside of the folder
     */
    public static SortedMap<String, String> listed(Path json) throws BundleException {
        try {
            SortedMap<String, String> files = new TreeMap<>(
                    BundleJson.parse(Files.readAllBytes(json), json).files());
            for (String file : files.keySet()) {
                inside(json.resolveSibling(""), file);
            }
            return files;
        } catch (IOException e) {
            throw new BundleException(json + " cannot be read: " + e.getMessage(), e);
        }
    }

    public String id() {
        return manifest.id();
    }

    public Preprocessing preprocessing() {
        return manifest.preprocessing();
    }

    public int embeddingSize() {
        return manifest.embeddingSize();
    }

    public double logitScale() {
        return manifest.logitScale();
    }

    public @Nullable Double logitBias() {
        return manifest.logitBias();
    }

    public boolean trained() {
        return manifest.trained();
    }

    /** The numbers that the image tower is made of. */
    public Precision imagePrecision() {
        return precision(manifest.image().model());
    }

    /** The numbers that the text tower is made of. */
    public Precision textPrecision() {
        return precision(manifest.text().model());
    }

    private Precision precision(String model) {
        try {
            return GraphPrecision.of(OnnxFile.outline(file(model)), file(model)).found();
        } catch (IOException e) {
            throw new UncheckedIOException(file(model) + " was read before, and cannot be any more", e);
        }
    }

    Path file(String relative) {
        return folder.resolve(relative);
    }

    private void checkFiles() throws BundleException, IOException {
        for (String used : new String[] {
            manifest.image().model(),
            manifest.text().model(),
            manifest.tokenizer().file()
        }) {
            if (!files.containsKey(used)) {
                throw new BundleException(
                        folder.resolve(BundleJson.FILE) + ": '" + used + "' is used but has no checksum under files");
            }
        }
        for (Map.Entry<String, String> entry : files.entrySet()) {
            Path file = inside(folder, entry.getKey());
            if (!Files.isRegularFile(file)) {
                throw new BundleException(file + " is missing: the bundle is incomplete, copy it again");
            }
            if (!file.toRealPath().startsWith(folder.toRealPath())) {
                throw new BundleException(file + " is a link that leads out of the bundle");
            }
            String actual = Checksums.of(file);
            if (!actual.equals(entry.getValue())) {
                throw new BundleException(file + " has sha256 " + actual + "; " + BundleJson.FILE + " says "
                        + entry.getValue() + ": the file was changed or is incomplete, copy the bundle again");
            }
        }
    }

    private static Path inside(Path folder, String relative) throws BundleException {
        try {
            Path root = folder.toAbsolutePath().normalize();
            Path path = Path.of(relative);
            Path file = root.resolve(path).normalize();
            if (!path.isAbsolute() && file.startsWith(root) && !file.equals(root)) {
                return folder.resolve(path);
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new BundleException(
                folder.resolve(BundleJson.FILE) + ": files: '" + relative + "' does not lie in the bundle's folder");
    }

    private void checkGraphs() throws BundleException, IOException {
        for (String name :
                new String[] {manifest.image().model(), manifest.text().model()}) {
            Path file = file(name);
            try {
                ModelProto graph = OnnxFile.outline(file);
                Path parent = java.util.Objects.requireNonNull(file.getParent());
                for (Path external : OnnxFile.externalFiles(graph, parent)) {
                    Path resolved = parent.resolve(external).toAbsolutePath().normalize();
                    String relative = folder.toAbsolutePath()
                            .normalize()
                            .relativize(resolved)
                            .toString()
                            .replace('\\', '/');
                    if (!files.containsKey(relative)) {
                        throw new BundleException(file + " keeps numbers in '" + relative
                                + "', which has no checksum under files in " + BundleJson.FILE);
                    }
                }
                if (name.equals(manifest.image().model())) {
                    TowerGraph.image(graph, file, manifest.image(), manifest.preprocessing(), embeddingSize());
                } else {
                    TowerGraph.text(
                            graph, file, manifest.text(), manifest.tokenizer().contextLength(), embeddingSize());
                }
            } catch (OnnxFormatException e) {
                throw new BundleException(String.valueOf(e.getMessage()), e);
            }
        }
    }
}

package dev.moderato.inference.clip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes a bundle of a folder whose model files are in place. */
public final class BundleWriter {
    private BundleWriter() {}

    /**
     * Runs the model once on the CPU, records what it gave and the checksum of every file in the folder, and writes
     * {@code bundle.json}.
     *
     * @param folder holds the towers and the tokenizer where the manifest says, external data beside its graph, and no file
     *     that is not part of the bundle
     * @throws BundleException where the files are not what the manifest says, or the model cannot be run
     */
    public static ModelBundle write(Path folder, BundleManifest manifest) throws BundleException {
        writeTo(folder, manifest);
        return ModelBundle.read(folder);
    }

    /** As {@link #write}, for a draft that is about to be moved. Gives what is slow or doubtful, a line each. */
    static List<String> writeTo(Path folder, BundleManifest manifest) throws BundleException {
        try {
            SortedMap<String, String> files = checksums(folder);
            ModelBundle draft =
                    new ModelBundle(folder, "", manifest, files, new Probe(List.of(), List.of(), List.of()));
            try (ClipModel model = ClipModel.open(
                    draft, EncoderSettings.defaults().withDevice(Device.CPU).withMaxBatch(1))) {
                BundleJson.write(folder, new BundleJson.Document(manifest, BundleVerifier.probe(model), files));
                return model.warnings();
            }
        } catch (IOException e) {
            throw new BundleException(folder + " cannot become a bundle: " + e.getMessage(), e);
        }
    }

    private static SortedMap<String, String> checksums(Path folder) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        List<Path> found;
        try (Stream<Path> walk = Files.walk(folder)) {
            found = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : found) {
            String relative = folder.relativize(file).toString().replace('\\', '/');
            if (!relative.equals(BundleJson.FILE) && !relative.equals(BundleSignature.FILE)) {
                files.put(relative, Checksums.of(file));
            }
        }
        return files;
    }
}

package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.OnnxFormatException;
import dev.moderato.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a bundle of the files that people have: a Hugging Face or open_clip layout, or files named one by one. */
public final class ModelImport {
    /** CLIP's learned scale, which training clips at this value. */
    private static final double CLIP_SCALE = 100;
    /** Where the training of a sigmoid model starts its bias. */
    private static final double SIGMOID_BIAS = -10;

    private static final String IMAGE_FOLDER = "image";
    private static final String TEXT_FOLDER = "text";
    private static final String TOKENIZER = "tokenizer.json";

    private final Request request;
    private final List<String> notes = new ArrayList<>();

    private ModelImport(Request request) {
        this.request = request;
    }

    /**
     * What to import, and what its files do not say.
     *
     * @param folder holds a layout that is known; null where every file is named
     * @param files files named one by one, which win over those in the folder
     * @param out the bundle's folder, which must not exist or be empty
     * @param id the bundle's id; null for the name of its folder
     * @param variant of the graphs, for example {@code quantized}; null for the plain ones
     * @param logitScale null for what the files say, or 100
     * @param logitBias null for what the files say; a model that is given one is a sigmoid model
     * @param source where the model comes from, in words; null for what the layout says
     * @param licence of the weights; null for what the files say
     */
    public record Request(
            @Nullable Path folder,
            NamedFiles files,
            Path out,
            @Nullable String id,
            @Nullable String variant,
            @Nullable Double logitScale,
            @Nullable Double logitBias,
            @Nullable String source,
            @Nullable String licence) {
        public Request(@Nullable Path folder, Path out) {
            this(folder, NamedFiles.NONE, out, null, null, null, null, null, null);
        }
    }

    /**
     * A bundle that was made.
     *
     * @param notes what was assumed and what is slow, a line each
     */
    public record Imported(ModelBundle bundle, List<String> notes) {
        public Imported {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Copies the files, runs the model once on the CPU and writes the bundle, which appears whole or not at all.
     *
     * @throws BundleException with the file, what is wrong with it and what to do
     */
    public static Imported run(Request request) throws BundleException {
        ModelImport run = new ModelImport(request);
        try {
            return new Imported(run.bundle(), run.notes);
        } catch (OnnxFormatException e) {
            throw new BundleException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new BundleException("the import to " + request.out() + " failed: " + e.getMessage(), e);
        }
    }

    private ModelBundle bundle() throws BundleException, IOException {
        requireFree(request.out());
        ModelSource source = request.files().over(layout());
        notes.addAll(source.notes());
        Path out = request.out().toAbsolutePath().normalize();
        Path parent = Objects.requireNonNull(out.getParent(), "the root is no free folder");
        Files.createDirectories(parent);
        Path draft = Files.createTempDirectory(parent, "." + name(out) + ".part-");
        try {
            BundleManifest manifest = copy(source, draft);
            BundleWriter.writeTo(draft, manifest).forEach(warning -> notes.add(named(warning, source, draft)));
            Files.deleteIfExists(out);
            Files.move(draft, out, StandardCopyOption.ATOMIC_MOVE);
        } catch (BundleException e) {
            throw new BundleException(named(String.valueOf(e.getMessage()), source, draft), e);
        } finally {
            Folders.delete(draft);
        }
        return ModelBundle.read(request.out());
    }

    /** A message about the draft, which is gone when it is read, by the names of the files that were copied there. */
    private static String named(String message, ModelSource source, Path draft) {
        return message.replace(draft.resolve(IMAGE_FOLDER).toString(), String.valueOf(folder(source.imageModel())))
                .replace(draft.resolve(TEXT_FOLDER).toString(), String.valueOf(folder(source.textModel())))
                .replace(draft.resolve(TOKENIZER).toString(), source.tokenizer().toString())
                .replace(draft.toString(), source.origin());
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    /**
     * Checks that a bundle can be written to a folder, before hours are spent on what goes there.
     *
     * @throws BundleException where the folder has something in it
     */
    public static void requireFree(Path out) throws BundleException {
        if (Files.isDirectory(out)) {
            try (Stream<Path> inside = Files.list(out)) {
                if (inside.findAny().isPresent()) {
                    throw new BundleException(out + " is not empty: name a new folder, or remove it first");
                }
            } catch (IOException e) {
                throw new BundleException(out + " cannot be listed: " + e.getMessage(), e);
            }
        } else if (Files.exists(out)) {
            throw new BundleException(out + " is a file: name a new folder");
        }
    }

    private @Nullable ModelSource layout() throws BundleException, IOException {
        Path folder = request.folder();
        if (folder == null) {
            return null;
        }
        if (!Files.isDirectory(folder)) {
            throw new BundleException(folder + " is no folder");
        }
        if (Files.isRegularFile(folder.resolve(BundleJson.FILE))) {
            throw new BundleException(folder + " is a bundle already: use it as it is");
        }
        if (OpenClipLayout.matches(folder)) {
            return OpenClipLayout.read(folder, request.variant());
        }
        if (HuggingFaceLayout.matches(folder)) {
            return HuggingFaceLayout.read(folder, request.variant());
        }
        if (request.files().isComplete()) {
            return null;
        }
        Path joint = GraphFiles.first(List.of(folder.resolve("onnx/model.onnx"), folder.resolve("model.onnx")));
        if (joint != null) {
            throw new BundleException(
                    joint + " holds both towers in one graph, which would run each time for images and"
                            + " for texts: export them apart, as onnx/vision_model.onnx and onnx/text_model.onnx");
        }
        throw new BundleException(folder + " holds no ONNX towers: there is neither onnx/vision_model.onnx with"
                + " onnx/text_model.onnx (Hugging Face, Optimum) nor visual/model.onnx with textual/model.onnx"
                + " (open_clip). Export the model to ONNX, or name the files with --image-model, --text-model and"
                + " --tokenizer");
    }

    private BundleManifest copy(ModelSource source, Path draft) throws BundleException, IOException {
        String imageFile = copyGraph(source.imageModel(), draft, IMAGE_FOLDER);
        String textFile = copyGraph(source.textModel(), draft, TEXT_FOLDER);
        Path tokenizer = draft.resolve(TOKENIZER);
        TokenizerFiles tokens = TokenizerFiles.read(source.tokenizer());
        if (source.canonicalText()) {
            Files.write(tokenizer, BundleJson.bytes(tokens.canonical()));
        } else {
            Files.copy(source.tokenizer(), tokenizer);
        }
        ModelProto imageGraph = OnnxFile.map(draft.resolve(imageFile));
        ModelProto textGraph = OnnxFile.map(draft.resolve(textFile));
        ImageTower image = TowerNames.image(imageGraph, source.imageModel(), imageFile, sigmoid(source));
        TextTower text = TowerNames.text(textGraph, source.textModel(), textFile, sigmoid(source));
        return manifest(source, imageGraph, image, textGraph, text);
    }

    private BundleManifest manifest(
            ModelSource source, ModelProto imageGraph, ImageTower image, ModelProto textGraph, TextTower text)
            throws BundleException {
        try {
            return new BundleManifest(
                    request.id() != null ? request.id() : id(request.out()),
                    image,
                    text,
                    embeddingSize(source, imageGraph, image, textGraph, text),
                    preprocessing(source, imageGraph, image),
                    new TokenizerSettings(
                            TokenizerSettings.HUGGING_FACE,
                            TOKENIZER,
                            contextLength(source, textGraph, text),
                            padding(source)),
                    logitScale(source),
                    sigmoid(source) ? Double.valueOf(logitBias(source)) : null,
                    true,
                    new Provenance(
                            request.source() != null ? request.source() : source.origin(),
                            request.licence() != null ? request.licence() : source.licence(),
                            null,
                            null,
                            Map.of()));
        } catch (IllegalArgumentException e) {
            throw new BundleException("the model cannot become a bundle: " + e.getMessage(), e);
        }
    }

    /** Copies a graph with the numbers beside it, under the names that it knows them by. */
    private static String copyGraph(Path graph, Path draft, String folder) throws IOException, BundleException {
        if (!Files.isRegularFile(graph)) {
            throw new BundleException(graph + " is missing");
        }
        Path from = folder(graph);
        Path to = Files.createDirectories(draft.resolve(folder));
        for (Path external : OnnxFile.externalFiles(OnnxFile.map(graph), from)) {
            Path numbers = from.resolve(external);
            if (!Files.isRegularFile(numbers)) {
                throw new BundleException(
                        graph + " keeps its numbers in '" + external + "', which is missing: copy it beside the graph");
            }
            Path target = to.resolve(external);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(numbers, target);
        }
        Files.copy(graph, to.resolve(name(graph)));
        return folder + "/" + name(graph);
    }

    private int embeddingSize(
            ModelSource source, ModelProto imageGraph, ImageTower image, ModelProto textGraph, TextTower text)
            throws BundleException {
        Integer ofImage = TowerNames.embeddingSize(imageGraph, image.output());
        Integer ofText = TowerNames.embeddingSize(textGraph, text.output());
        if (ofImage != null && ofText != null && !ofImage.equals(ofText)) {
            throw new BundleException("the towers do not belong together: " + source.imageModel() + " gives " + ofImage
                    + " numbers (" + image.output() + ") and " + source.textModel() + " gives " + ofText + " ("
                    + text.output() + ")");
        }
        for (Integer known : new Integer[] {ofImage, ofText, source.embeddingSize()}) {
            if (known != null) {
                return known;
            }
        }
        throw new BundleException(
                "how long an embedding is, neither the graphs nor config.json (projection_dim) say: add"
                        + " it to config.json");
    }

    private Preprocessing preprocessing(ModelSource source, ModelProto graph, ImageTower tower) throws BundleException {
        if (source.preprocessing() != null) {
            return source.preprocessing();
        }
        Integer side = TowerGraph.fixedSide(graph, tower.input());
        if (side == null) {
            throw new BundleException("how images are prepared is not said: there is no preprocessor_config.json, and "
                    + source.imageModel() + " takes any size. Copy it from where the weights are, or name it with"
                    + " --preprocessing");
        }
        notes.add("there is no preprocessor_config.json: CLIP's own preprocessing to " + side + "×" + side
                + " pixels is assumed (--preprocessing FILE)");
        return Preprocessing.clip(side);
    }

    private int contextLength(ModelSource source, ModelProto graph, TextTower tower) {
        Integer fixed = TowerNames.fixedLength(graph, tower.ids());
        if (fixed != null) {
            return fixed;
        }
        if (source.contextLength() != null) {
            return source.contextLength();
        }
        int usual = source.sigmoid() ? 64 : 77;
        notes.add("how long a text may be is not said: " + usual + " tokens are assumed (--context-length)");
        return usual;
    }

    private int padding(ModelSource source) {
        if (source.padding() != null) {
            return source.padding();
        }
        notes.add("what short texts are filled up with is not said: token id 0 is assumed (--padding)");
        return 0;
    }

    private boolean sigmoid(ModelSource source) {
        return source.sigmoid() || request.logitBias() != null;
    }

    private double logitScale(ModelSource source) throws BundleException {
        for (Double known : new Double[] {request.logitScale(), source.logitScale()}) {
            if (known != null) {
                return known;
            }
        }
        Double learned = learned("logit_scale"); // its logarithm
        if (learned != null) {
            return Math.exp(learned);
        }
        notes.add("the learned logit scale is not in these files: 100 is assumed, as CLIP has (--logit-scale)");
        return CLIP_SCALE;
    }

    /** What weights that lie beside the graphs hold of it. */
    private @Nullable Double learned(String name) throws BundleException {
        Path folder = request.folder();
        if (folder == null) {
            return null;
        }
        Path weights = GraphFiles.first(
                List.of(folder.resolve("model.safetensors"), folder.resolve("open_clip_model.safetensors")));
        return weights == null ? null : new SafeTensors(weights).number(name);
    }

    private double logitBias(ModelSource source) throws BundleException {
        for (Double known : new Double[] {request.logitBias(), source.logitBias(), learned("logit_bias")}) {
            if (known != null) {
                return known;
            }
        }
        notes.add("the learned logit bias is not in these files: -10 is assumed, where training starts, so that"
                + " probabilities are rough (--logit-bias)");
        return SIGMOID_BIAS;
    }

    /** The last name of a path. */
    static String name(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    private static String id(Path out) {
        String id = name(out).replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[^A-Za-z0-9]+", "");
        return id.isEmpty() ? "model" : id.substring(0, Math.min(id.length(), 100));
    }
}

package dev.moderato.inference.clip;

import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import dev.moderato.onnx.proto.TensorShapeProto.Dimension;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which inputs and outputs of a graph are a tower's: by the names that exporters give, else by being the only ones. */
final class TowerNames {
    private static final List<String> PIXELS = List.of("pixel_values", "image", "images", "input");
    private static final List<String> IDS = List.of("input_ids", "text", "tokens", "input");
    private static final List<String> EMBEDDINGS = List.of(
            "image_embeds", "text_embeds", "image_features", "text_features", "embedding", "embeddings", "output");
    /** The last hidden state of one token: an embedding where the model has no projection after it. */
    private static final String POOLED = "pooler_output";

    private TowerNames() {}

    static ImageTower image(ModelProto model, Path origin, String file, boolean unprojected) throws BundleException {
        GraphProto graph = model.getGraph();
        List<ValueInfoProto> inputs = inputs(graph).stream()
                .filter(input -> isFloat(TowerGraph.elementType(input)))
                .toList();
        ValueInfoProto pixels = pick(inputs, PIXELS);
        if (pixels == null) {
            throw new BundleException(origin + " has no input of float pixels; it has " + TowerGraph.inputNames(graph)
                    + ": is it an image tower?");
        }
        for (String name : TowerGraph.inputNames(graph)) {
            if (!name.equals(pixels.getName())) {
                throw new BundleException(origin + ": input '" + name + "' is none that a CLIP image tower has: export"
                        + " the image tower alone");
            }
        }
        return new ImageTower(file, pixels.getName(), output(graph, origin, unprojected));
    }

    static TextTower text(ModelProto model, Path origin, String file, boolean unprojected) throws BundleException {
        GraphProto graph = model.getGraph();
        Set<String> given = Set.copyOf(TowerGraph.inputNames(graph));
        String mask = given.contains("attention_mask") ? "attention_mask" : null;
        String positions = given.contains("position_ids") ? "position_ids" : null;
        List<ValueInfoProto> inputs = inputs(graph).stream()
                .filter(input -> isInteger(TowerGraph.elementType(input)))
                .filter(input ->
                        !input.getName().equals(mask) && !input.getName().equals(positions))
                .toList();
        ValueInfoProto ids = pick(inputs, IDS);
        if (ids == null) {
            throw new BundleException(origin + " has no input of token ids; it has "
                    + given.stream().sorted().toList() + ": is it a text tower?");
        }
        return new TextTower(file, ids.getName(), mask, positions, output(graph, origin, unprojected));
    }

    /** The length that the graph itself gives its embedding; null where it leaves that open. */
    static @Nullable Integer embeddingSize(ModelProto model, String output) {
        for (ValueInfoProto candidate : model.getGraph().getOutputList()) {
            List<Dimension> shape = TowerGraph.shape(candidate);
            if (candidate.getName().equals(output) && !shape.isEmpty()) {
                Dimension last = shape.get(shape.size() - 1);
                return last.getDimValue() > 0 ? Integer.valueOf(Math.toIntExact(last.getDimValue())) : null;
            }
        }
        return null;
    }

    /** The length of the second dimension of an input, for example a text tower's context; null where it is open. */
    static @Nullable Integer fixedLength(ModelProto model, String input) {
        for (ValueInfoProto candidate : model.getGraph().getInputList()) {
            List<Dimension> shape = TowerGraph.shape(candidate);
            if (candidate.getName().equals(input) && shape.size() == 2) {
                long length = shape.get(1).getDimValue();
                return length > 0 ? Integer.valueOf(Math.toIntExact(length)) : null;
            }
        }
        return null;
    }

    private static String output(GraphProto graph, Path origin, boolean unprojected) throws BundleException {
        List<String> names =
                graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
        for (String name : EMBEDDINGS) {
            if (names.contains(name)) {
                return name;
            }
        }
        if (names.contains(POOLED)) {
            if (unprojected) {
                return POOLED;
            }
            throw new BundleException(origin + " gives " + names + " but no projected embedding (image_embeds or"
                    + " text_embeds): export the model with its projection");
        }
        List<String> flat = graph.getOutputList().stream()
                .filter(output -> TowerGraph.shape(output).size() == 2
                        || TowerGraph.shape(output).isEmpty())
                .map(ValueInfoProto::getName)
                .toList();
        if (flat.size() == 1) {
            return flat.get(0);
        }
        throw new BundleException(origin + " gives " + names
                + ", none of which is known to be an embedding: name one of" + " them image_embeds or text_embeds");
    }

    private static List<ValueInfoProto> inputs(GraphProto graph) {
        List<String> names = TowerGraph.inputNames(graph);
        return graph.getInputList().stream()
                .filter(input -> names.contains(input.getName()))
                .toList();
    }

    private static @Nullable ValueInfoProto pick(List<ValueInfoProto> inputs, List<String> known) {
        for (String name : known) {
            for (ValueInfoProto input : inputs) {
                if (input.getName().equals(name)) {
                    return input;
                }
            }
        }
        return inputs.size() == 1 ? inputs.get(0) : null;
    }

    private static boolean isFloat(DataType type) {
        return type == DataType.FLOAT || type == DataType.FLOAT16;
    }

    private static boolean isInteger(DataType type) {
        return type == DataType.INT32 || type == DataType.INT64;
    }
}

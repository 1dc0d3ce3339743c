package dev.moderato.inference.clip;

import dev.moderato.inference.image.Preprocessing;
import dev.moderato.onnx.Tensors;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import dev.moderato.onnx.proto.TensorShapeProto.Dimension;
import dev.moderato.onnx.proto.TypeProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One tower's graph as it is run: checked against the manifest, with the one output that is needed, as float32; an image
 * tower takes uint8 pixels and normalises them itself.
 *
 * @param input the name of the pixels' or the ids' input
 * @param wideIds whether a text tower's integers are int64
 * @param fixedBatch the batch size that the graph insists on; 0 where any will do
 */
record TowerGraph(ModelProto model, String input, boolean wideIds, int fixedBatch) {
    private static final String PIXELS = "moderato_pixels";
    private static final String OUTPUT = "moderato_embedding";
    /** Broadcasting as it is used here came with this version of the operators. */
    private static final long OLDEST_OPSET = 7;

    /** The name of the output of every tower. */
    static String output() {
        return OUTPUT;
    }

    /**
     * An image tower that takes uint8 N × height × width × 3: transposed, scaled and shifted in the graph.
     * {@code (u8 · rescale − mean) / std} is computed as {@code u8 · (rescale / std) + (−mean / std)}.
     */
    static TowerGraph image(
            ModelProto model, Path file, ImageTower tower, Preprocessing preprocessing, int embeddingSize)
            throws BundleException {
        requireOpset(model, file);
        ValueInfoProto input = input(model, file, tower.input());
        List<Dimension> shape = shape(input);
        DataType type = elementType(input);
        if (type != DataType.FLOAT && type != DataType.FLOAT16) {
            throw new BundleException(
                    file + ": input '" + tower.input() + "' is " + type + "; an image tower takes floats");
        }
        String expected = "N×3×" + preprocessing.height() + "×" + preprocessing.width();
        if (shape.size() != 4
                || !admits(shape.get(1), 3)
                || !admits(shape.get(2), preprocessing.height())
                || !admits(shape.get(3), preprocessing.width())) {
            throw new BundleException(file + ": input '" + tower.input() + "' has shape " + describe(shape)
                    + "; the bundle's preprocessing gives " + expected);
        }
        GraphProto.Builder graph = model.getGraph().toBuilder();
        removeInput(graph, tower.input());
        graph.addInput(pixels(shape.get(0), preprocessing));
        List<NodeProto> nodes = new ArrayList<>(normalisation(tower.input(), type));
        nodes.addAll(graph.getNodeList());
        graph.clearNode().addAllNode(nodes);
        graph.addInitializer(perChannel("moderato_scale", preprocessing, true));
        graph.addInitializer(perChannel("moderato_shift", preprocessing, false));
        keepOutput(graph, file, tower.output(), embeddingSize);
        return new TowerGraph(model.toBuilder().setGraph(graph).build(), PIXELS, false, fixed(shape.get(0)));
    }

    /** A text tower, whose integer inputs stay as they are. */
    static TowerGraph text(ModelProto model, Path file, TextTower tower, int contextLength, int embeddingSize)
            throws BundleException {
        requireOpset(model, file);
        ValueInfoProto input = input(model, file, tower.ids());
        List<Dimension> shape = shape(input);
        DataType type = elementType(input);
        if (type != DataType.INT32 && type != DataType.INT64) {
            throw new BundleException(
                    file + ": input '" + tower.ids() + "' is " + type + "; token ids are INT32 or INT64");
        }
        if (shape.size() != 2 || !admits(shape.get(1), contextLength)) {
            throw new BundleException(file + ": input '" + tower.ids() + "' has shape " + describe(shape)
                    + "; the bundle's tokenizer gives N×" + contextLength);
        }
        List<String> given = new ArrayList<>(List.of(tower.ids()));
        for (String other : new String[] {tower.attentionMask(), tower.positionIds()}) {
            if (other != null) {
                given.add(other);
                if (elementType(input(model, file, other)) != type) {
                    throw new BundleException(
                            file + ": input '" + other + "' is not of the type of '" + tower.ids() + "'");
                }
            }
        }
        for (String name : inputNames(model.getGraph())) {
            if (!given.contains(name)) {
                throw new BundleException(file + ": input '" + name + "' is none that a CLIP text tower has");
            }
        }
        GraphProto.Builder graph = model.getGraph().toBuilder();
        keepOutput(graph, file, tower.output(), embeddingSize);
        return new TowerGraph(
                model.toBuilder().setGraph(graph).build(), tower.ids(), type == DataType.INT64, fixed(shape.get(0)));
    }

    TowerGraph withModel(ModelProto other) {
        return new TowerGraph(other, input, wideIds, fixedBatch);
    }

    /** What has to be fed: the inputs that no initializer gives. */
    static List<String> inputNames(GraphProto graph) {
        Set<String> given =
                graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        return graph.getInputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> !given.contains(name))
                .toList();
    }

    static List<Dimension> shape(ValueInfoProto value) {
        return value.getType().getTensorType().getShape().getDimList();
    }

    static DataType elementType(ValueInfoProto value) {
        DataType type = DataType.forNumber(value.getType().getTensorType().getElemType());
        return type == null ? DataType.UNDEFINED : type;
    }

    static String describe(List<Dimension> shape) {
        return shape.stream()
                .map(dim -> dim.hasDimValue()
                        ? Long.toString(dim.getDimValue())
                        : dim.hasDimParam() ? dim.getDimParam() : "?")
                .collect(Collectors.joining("×"));
    }

    /** The side of the square that an image tower insists on; null where it takes any size, or no square. */
    static @Nullable Integer fixedSide(ModelProto model, String input) {
        for (ValueInfoProto candidate : model.getGraph().getInputList()) {
            List<Dimension> shape = shape(candidate);
            if (candidate.getName().equals(input) && shape.size() == 4) {
                long height = shape.get(2).getDimValue();
                return height > 0 && height == shape.get(3).getDimValue()
                        ? Integer.valueOf(Math.toIntExact(height))
                        : null;
            }
        }
        return null;
    }

    private static void requireOpset(ModelProto model, Path file) throws BundleException {
        long opset = model.getOpsetImportList().stream()
                .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
                .mapToLong(set -> set.getVersion())
                .max()
                .orElse(0);
        if (opset < OLDEST_OPSET) {
            throw new BundleException(file + " uses ONNX operators of version " + opset + "; at least " + OLDEST_OPSET
                    + " is needed: export the model again");
        }
    }

    private static ValueInfoProto input(ModelProto model, Path file, String name) throws BundleException {
        for (ValueInfoProto input : model.getGraph().getInputList()) {
            if (input.getName().equals(name)) {
                return input;
            }
        }
        throw new BundleException(file + " has no input '" + name + "'; it has " + inputNames(model.getGraph()));
    }

    private static boolean admits(Dimension dim, int size) {
        return !dim.hasDimValue() || dim.getDimValue() <= 0 || dim.getDimValue() == size;
    }

    private static int fixed(Dimension batch) {
        return batch.hasDimValue() && batch.getDimValue() > 0 ? Math.toIntExact(batch.getDimValue()) : 0;
    }

    private static void removeInput(GraphProto.Builder graph, String name) {
        List<ValueInfoProto> others = graph.getInputList().stream()
                .filter(input -> !input.getName().equals(name))
                .toList();
        graph.clearInput().addAllInput(others);
    }

    private static ValueInfoProto pixels(Dimension batch, Preprocessing preprocessing) {
        TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(DataType.UINT8_VALUE);
        tensor.getShapeBuilder()
                .addDim(
                        batch.hasDimValue() || batch.hasDimParam()
                                ? batch
                                : Dimension.newBuilder().setDimParam("N").build())
                .addDim(Dimension.newBuilder().setDimValue(preprocessing.height()))
                .addDim(Dimension.newBuilder().setDimValue(preprocessing.width()))
                .addDim(Dimension.newBuilder().setDimValue(3));
        return ValueInfoProto.newBuilder()
                .setName(PIXELS)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** Transposes while a pixel is a byte, a quarter of the memory traffic of doing it later. */
    private static List<NodeProto> normalisation(String input, DataType type) {
        List<NodeProto> nodes = new ArrayList<>();
        nodes.add(node("Transpose", "moderato_chw", PIXELS)
                .addAttribute(AttributeProto.newBuilder()
                        .setName("perm")
                        .setType(AttributeProto.AttributeType.INTS)
                        .addAllInts(List.of(0L, 3L, 1L, 2L)))
                .build());
        nodes.add(cast("moderato_floats", "moderato_chw", DataType.FLOAT));
        nodes.add(node("Mul", "moderato_scaled", "moderato_floats", "moderato_scale")
                .build());
        boolean narrow = type == DataType.FLOAT16;
        nodes.add(node("Add", narrow ? "moderato_shifted" : input, "moderato_scaled", "moderato_shift")
                .build());
        if (narrow) {
            nodes.add(cast(input, "moderato_shifted", DataType.FLOAT16));
        }
        return nodes;
    }

    private static TensorProto perChannel(String name, Preprocessing preprocessing, boolean scale) {
        float[] values = new float[3];
        for (int channel = 0; channel < 3; channel++) {
            double std = preprocessing.std().get(channel);
            values[channel] = (float)
                    (scale
                            ? preprocessing.rescale() / std
                            : -preprocessing.mean().get(channel) / std);
        }
        return Tensors.ofFloats(name, values, 1, 3, 1, 1);
    }

    /** Makes one output the only one, as float32: what feeds the others alone is then never computed. */
    private static void keepOutput(GraphProto.Builder graph, Path file, String name, int embeddingSize)
            throws BundleException {
        ValueInfoProto output = graph.getOutputList().stream()
                .filter(candidate -> candidate.getName().equals(name))
                .findFirst()
                .orElse(null);
        if (output == null) {
            throw new BundleException(file + " has no output '" + name + "'; it has "
                    + graph.getOutputList().stream()
                            .map(ValueInfoProto::getName)
                            .toList());
        }
        List<Dimension> shape = shape(output);
        if (!shape.isEmpty() && (shape.size() != 2 || !admits(shape.get(1), embeddingSize))) {
            throw new BundleException(file + ": output '" + name + "' has shape " + describe(shape)
                    + "; the bundle's embeddings are N×" + embeddingSize);
        }
        TypeProto.Builder type = TypeProto.newBuilder(output.getType());
        type.getTensorTypeBuilder().setElemType(DataType.FLOAT_VALUE);
        graph.clearOutput()
                .addOutput(ValueInfoProto.newBuilder().setName(OUTPUT).setType(type))
                .addNode(cast(OUTPUT, name, DataType.FLOAT));
    }

    private static NodeProto cast(String output, String input, DataType to) {
        return node("Cast", output, input)
                .addAttribute(AttributeProto.newBuilder()
                        .setName("to")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(to.getNumber()))
                .build();
    }

    private static NodeProto.Builder node(String type, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(type)
                .setName(output)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }
}

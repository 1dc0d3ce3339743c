package dev.moderato.trainer.train;

import dev.moderato.onnx.OnnxFile;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A graph made ready to run: untied, sorted, cut down to what one output needs, its values numbered.
 *
 * @param origin the file, for messages
 * @param skeleton the model as it will be written back, its initializers without their numbers
 * @param nodes in running order
 * @param slots how many values there are
 * @param inputs the graph's inputs that the output depends on, in the file's order
 * @param outputSlot where the result is
 * @param initializers every initializer of the file, in the file's order
 */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
record GraphPlan(
        String origin,
        ModelProto skeleton,
        List<GraphNode> nodes,
        int slots,
        List<Input> inputs,
        int outputSlot,
        List<Initializer> initializers) {
    /** @param type the ONNX number of its element type */
    record Input(String name, int slot, int type) {}

    /** @param slot -1 where the chosen output does not need it */
    record Initializer(String name, int slot, Tensor value, Roles.Role role) {}

    private static final Set<String> QUANTIZED = Set.of(
            "MatMulInteger",
            "ConvInteger",
            "DynamicQuantizeLinear",
            "QuantizeLinear",
            "DequantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "DynamicQuantizeMatMul");
    private static final Set<String> SHAPE_OF = Set.of("Shape", "Size");

    /** @throws GraphException where the graph cannot be run, or its external data cannot be read */
    static GraphPlan of(Tower tower) {
        return new Builder(tower.model(), tower.origin(), tower.folder()).build(tower.output());
    }

    private static final class Builder {
        private final String origin;
        private final @Nullable Path folder;
        private final ModelProto model;
        private final GraphProto graph;
        private final int opset;
        private final Map<String, TensorProto> protos = new LinkedHashMap<>();
        private final Map<String, NodeProto> producers = new HashMap<>();
        private final Map<String, Integer> slotOf = new HashMap<>();

        Builder(ModelProto model, String origin, @Nullable Path folder) {
            this.origin = origin;
            this.folder = folder;
            this.opset = model.getOpsetImportList().stream()
                    .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
                    .mapToInt(o -> Math.toIntExact(o.getVersion()))
                    .max()
                    .orElse(0);
            if (opset < 13 || opset > 24) {
                throw new GraphException(origin + ": operator set " + opset + " is not one of 13 to 24; export it anew"
                        + (model.getOpsetImportList().isEmpty() ? " (the file names none: is it ONNX?)" : ""));
            }
            refuseQuantized(model);
            this.graph = Untying.apply(model.getGraph());
            this.model = model;
            for (TensorProto initializer : graph.getInitializerList()) {
                protos.put(initializer.getName(), initializer);
            }
            for (NodeProto node : graph.getNodeList()) {
                node.getOutputList().forEach(o -> producers.put(o, node));
            }
        }

        private void refuseQuantized(ModelProto model) {
            for (NodeProto node : model.getGraph().getNodeList()) {
                if (QUANTIZED.contains(node.getOpType())) {
                    throw new GraphException(origin + ": its weights are int8 (node " + nameOf(node) + " is a "
                            + node.getOpType() + "), and rounded weights cannot be trained; train the float export and"
                            + " quantize the result");
                }
            }
        }

        GraphPlan build(@Nullable String wanted) {
            String output = chooseOutput(wanted);
            List<NodeProto> order = sorted(output);
            Map<String, Tensor> values = new LinkedHashMap<>();
            protos.forEach((name, proto) -> values.put(name, read(name, proto)));
            Map<String, Roles.Role> roles = Roles.of(order, protos, values);
            Set<String> needed = new HashSet<>();
            order.forEach(n -> needed.addAll(n.getInputList()));
            List<Initializer> initializers = new ArrayList<>();
            values.forEach((name, value) -> initializers.add(new Initializer(
                    name,
                    needed.contains(name) ? slot(name) : -1,
                    value,
                    roles.getOrDefault(name, Roles.Role.CONSTANT))));
            List<Input> inputs = new ArrayList<>();
            for (ValueInfoProto input : graph.getInputList()) {
                if (!protos.containsKey(input.getName()) && needed.contains(input.getName())) {
                    inputs.add(new Input(
                            input.getName(),
                            slot(input.getName()),
                            input.getType().getTensorType().getElemType()));
                }
            }
            List<GraphNode> nodes = Fusion.apply(nodes(order, roles), initializers, slotOf.size(), slot(output));
            return new GraphPlan(
                    origin, skeleton(), nodes, slotOf.size(), inputs, slot(output), List.copyOf(initializers));
        }

        private Tensor read(String name, TensorProto proto) {
            try (PointerScope scope = new PointerScope()) {
                TensorProto loaded = folder == null ? proto : OnnxFile.loaded(proto, folder);
                Tensor value = Tensors.read(loaded, origin + ": initializer " + name);
                value.retainReference();
                return value;
            } catch (IOException e) {
                throw new GraphException(origin + ": " + e.getMessage(), e);
            }
        }

        private String chooseOutput(@Nullable String wanted) {
            List<String> outputs =
                    graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
            if (wanted != null) {
                if (!outputs.contains(wanted)) {
                    throw new GraphException(origin + ": has no output " + wanted + ", only " + outputs);
                }
                return wanted;
            }
            if (outputs.isEmpty()) {
                throw new GraphException(origin + ": the graph has no output");
            }
            return outputs.stream().filter(o -> o.contains("embed")).findFirst().orElse(outputs.get(0));
        }

        /** The nodes that the output needs, each after those whose results it uses. */
        private List<NodeProto> sorted(String output) {
            Set<NodeProto> done = new HashSet<>();
            Set<NodeProto> open = new HashSet<>();
            List<NodeProto> order = new ArrayList<>();
            Deque<NodeProto> stack = new ArrayDeque<>();
            push(stack, output);
            while (!stack.isEmpty()) {
                NodeProto node = stack.peek();
                if (done.contains(node)) {
                    stack.pop();
                } else if (open.add(node)) {
                    for (int i = node.getInputCount() - 1; i >= 0; i--) {
                        NodeProto before = producers.get(node.getInput(i));
                        if (before != null && !done.contains(before)) {
                            if (open.contains(before)) {
                                throw new GraphException(
                                        origin + ": node " + nameOf(node) + " depends on its own result");
                            }
                            stack.push(before);
                        }
                    }
                } else {
                    stack.pop();
                    done.add(node);
                    order.add(node);
                }
            }
            // The file's own order where it can run as it stands: block counting follows what the exporter wrote.
            List<NodeProto> inFileOrder =
                    graph.getNodeList().stream().filter(done::contains).toList();
            return canRun(inFileOrder) ? inFileOrder : order;
        }

        private boolean canRun(List<NodeProto> nodes) {
            Set<String> known = new HashSet<>();
            for (NodeProto node : nodes) {
                for (String input : node.getInputList()) {
                    if (producers.containsKey(input) && !known.contains(input)) {
                        return false;
                    }
                }
                known.addAll(node.getOutputList());
            }
            return true;
        }

        private void push(Deque<NodeProto> stack, String value) {
            NodeProto node = producers.get(value);
            if (node == null) {
                throw new GraphException(origin + ": nothing computes its output " + value);
            }
            stack.push(node);
        }

        private List<GraphNode> nodes(List<NodeProto> order, Map<String, Roles.Role> roles) {
            Set<String> graphInputs = new HashSet<>();
            graph.getInputList().forEach(i -> graphInputs.add(i.getName()));
            Set<String> shapeOnly = new HashSet<>();
            roles.forEach((name, role) -> {
                if (role == Roles.Role.CONSTANT) {
                    shapeOnly.add(name);
                }
            });
            shapeOnly.add("");
            List<GraphNode> nodes = new ArrayList<>();
            for (NodeProto node : order) {
                boolean shape = SHAPE_OF.contains(node.getOpType()) || shapeOnly.containsAll(node.getInputList());
                if (shape) {
                    shapeOnly.addAll(node.getOutputList());
                }
                for (String input : node.getInputList()) {
                    if (!slotOf.containsKey(input) && !input.isEmpty() && !producers.containsKey(input)) {
                        throw new GraphException(origin + ": node " + nameOf(node) + " (" + node.getOpType() + ") uses "
                                + input + ", which nothing defines");
                    }
                }
                nodes.add(new GraphNode(
                        nameOf(node),
                        node.getOpType(),
                        opset,
                        new Attributes(node.getAttributeList()),
                        operator(node),
                        node.getInputList().stream()
                                .mapToInt(i -> i.isEmpty() ? -1 : slot(i))
                                .toArray(),
                        node.getOutputList().stream()
                                .mapToInt(o -> o.isEmpty() ? -1 : slot(o))
                                .toArray(),
                        shape));
            }
            return List.copyOf(nodes);
        }

        private Operator operator(NodeProto node) {
            boolean own = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
            Operator operator = own ? Operators.find(node.getOpType()) : null;
            if (operator == null) {
                throw new GraphException(origin + ": node " + nameOf(node) + " is a "
                        + (own ? "" : node.getDomain() + ".") + node.getOpType()
                        + ", which the trainer does not know; it knows " + String.join(", ", Operators.names()));
            }
            return operator;
        }

        private int slot(String name) {
            return slotOf.computeIfAbsent(name, n -> slotOf.size());
        }

        private ModelProto skeleton() {
            GraphProto.Builder bare = graph.toBuilder().clearInitializer();
            for (TensorProto proto : protos.values()) {
                bare.addInitializer(proto.toBuilder()
                        .clearRawData()
                        .clearFloatData()
                        .clearDoubleData()
                        .clearInt32Data()
                        .clearInt64Data());
            }
            return model.toBuilder().setGraph(bare).build();
        }

        private static String nameOf(NodeProto node) {
            return node.getName().isEmpty() && node.getOutputCount() > 0 ? node.getOutput(0) : node.getName();
        }
    }
}

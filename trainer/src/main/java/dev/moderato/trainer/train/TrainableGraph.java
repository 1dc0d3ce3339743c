package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Runs an ONNX graph node by node with libtorch, every learned initializer a leaf of the autograd graph. Not safe to share between
 * threads. Tensors that {@link #forward} returns belong to the caller's {@link PointerScope}.
 */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class TrainableGraph implements AutoCloseable {
    /** Shapes that the last batch of an epoch or an evaluation may add; beyond that the oldest results are dropped. */
    private static final int REMEMBERED_SHAPES = 16;

    private final GraphPlan plan;
    private final @Nullable Device device;
    private final @Nullable Tensor[] fixed;
    private final int[] lastUse;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Parameter> statistics = new ArrayList<>();
    private final Map<String, Tensor> current = new HashMap<>();
    private final Map<String, Map<Integer, Tensor>> byShape = new HashMap<>();

    private TrainableGraph(GraphPlan plan, @Nullable Device device) {
        this.plan = plan;
        this.device = device;
        this.fixed = new Tensor[plan.slots()];
        this.lastUse = lastUses(plan);
        int[] firstUse = firstUses(plan);
        for (GraphPlan.Initializer initializer : plan.initializers()) {
            Tensor value = place(initializer);
            current.put(initializer.name(), value);
            if (initializer.slot() < 0) {
                continue;
            }
            fixed[initializer.slot()] = value;
            Parameter parameter = new Parameter(initializer.name(), value, firstUse[initializer.slot()]);
            switch (initializer.role()) {
                case WEIGHT -> {
                    value.set_requires_grad(true);
                    parameters.add(parameter);
                }
                case STATISTIC -> statistics.add(parameter);
                case CONSTANT -> {}
            }
        }
        parameters.sort((a, b) -> Integer.compare(a.position(), b.position()));
    }

    /** @param device null for the CPU */
    static TrainableGraph of(Tower tower, @Nullable Device device) {
        return new TrainableGraph(GraphPlan.of(tower), device);
    }

    private Tensor place(GraphPlan.Initializer initializer) {
        // Constants stay on the CPU, where shapes are computed.
        if (device == null || initializer.role() == Roles.Role.CONSTANT) {
            return initializer.value();
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor moved = initializer
                    .value()
                    .to(device, initializer.value().scalar_type())
                    .detach();
            moved.retainReference();
            initializer.value().releaseReference();
            return moved;
        }
    }

    GraphPlan plan() {
        return plan;
    }

    /** The weights, in the order in which the graph first uses them. */
    List<Parameter> parameters() {
        return parameters;
    }

    /** Running means and variances of batch normalizations. */
    List<Parameter> statistics() {
        return statistics;
    }

    /**
     * Runs the graph.
     *
     * @param training use and update batch statistics
     * @param inputs one for each of the plan's inputs
     * @return the chosen output
     * @throws GraphException naming the node that failed
     */
    Tensor forward(boolean training, Tensor... inputs) {
        @Nullable Tensor[] values = fixed.clone();
        for (int i = 0; i < inputs.length; i++) {
            values[plan.inputs().get(i).slot()] = inputs[i];
        }
        String key = shapeKey(inputs);
        Map<Integer, Tensor> known = byShape.get(key);
        if (known == null) {
            run(values, false, training);
            remember(key, values);
        } else {
            known.forEach((slot, value) -> values[slot] = value);
            run(values, true, training);
        }
        Tensor result = values[plan.outputSlot()];
        if (result == null) {
            throw new GraphException(plan.origin() + ": the output was not computed");
        }
        PointerScope outer = PointerScope.getInnerScope();
        if (outer != null) {
            outer.attach(result);
            result.releaseReference();
        }
        return result;
    }

    private void run(@Nullable Tensor[] values, boolean shapesKnown, boolean training) {
        List<GraphNode> nodes = plan.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            GraphNode node = nodes.get(i);
            if (!(shapesKnown && node.shapeOnly())) {
                runNode(node, values, training);
            }
            for (int slot : node.inputs()) {
                release(values, slot, i);
            }
            for (int slot : node.outputs()) {
                release(values, slot, i);
            }
        }
    }

    private void runNode(GraphNode node, @Nullable Tensor[] values, boolean training) {
        @Nullable Tensor[] inputs = new Tensor[node.inputs().length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = node.inputs()[i] < 0 ? null : values[node.inputs()[i]];
        }
        try (PointerScope scope = new PointerScope()) {
            Device wanted = device == null ? null : node.shapeOnly() ? new Device(torch.DeviceType.CPU) : device;
            List<Tensor> results = node.operator().run(new NodeCall(node, inputs, wanted, training));
            for (int i = 0; i < node.outputs().length; i++) {
                int slot = node.outputs()[i];
                if (slot >= 0 && i < results.size()) {
                    Tensor result = results.get(i);
                    result.retainReference();
                    values[slot] = result;
                }
            }
        } catch (GraphException e) {
            throw new GraphException(plan.origin() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new GraphException(
                    plan.origin() + ": " + node + " failed on " + describe(inputs) + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    /** Lets go of a value after its last use; initializers, and what is remembered for the shape, stay. */
    private void release(@Nullable Tensor[] values, int slot, int index) {
        if (slot >= 0 && lastUse[slot] == index) {
            Tensor value = values[slot];
            values[slot] = null;
            if (value != null) {
                value.releaseReference();
            }
        }
    }

    private void remember(String key, @Nullable Tensor[] values) {
        if (byShape.size() >= REMEMBERED_SHAPES) {
            byShape.values().forEach(m -> m.values().forEach(Tensor::releaseReference));
            byShape.clear();
        }
        Map<Integer, Tensor> kept = new HashMap<>();
        for (GraphNode node : plan.nodes()) {
            for (int slot : node.outputs()) {
                Tensor value = slot < 0 || !node.shapeOnly() ? null : values[slot];
                if (value != null) {
                    kept.put(slot, value);
                }
            }
        }
        byShape.put(key, kept);
    }

    /** The model with the current weights, in the data types of the file. */
    ModelProto model() {
        GraphProto.Builder graph = plan.skeleton().getGraph().toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            Tensor value = current.get(graph.getInitializer(i).getName());
            if (value != null) {
                graph.setInitializer(i, Tensors.write(graph.getInitializer(i), value));
            }
        }
        return plan.skeleton().toBuilder().setGraph(graph).build();
    }

    @Override
    public void close() {
        byShape.values().forEach(m -> m.values().forEach(Tensor::releaseReference));
        byShape.clear();
        current.values().forEach(Tensor::releaseReference);
        current.clear();
    }

    private static int[] lastUses(GraphPlan plan) {
        int[] last = new int[plan.slots()];
        Arrays.fill(last, Integer.MAX_VALUE);
        Map<Integer, Boolean> usedByData = new HashMap<>();
        for (int i = 0; i < plan.nodes().size(); i++) {
            GraphNode node = plan.nodes().get(i);
            for (int slot : node.outputs()) {
                if (slot >= 0) {
                    last[slot] = i;
                }
            }
            for (int slot : node.inputs()) {
                if (slot >= 0) {
                    last[slot] = last[slot] == Integer.MAX_VALUE ? last[slot] : i;
                    usedByData.merge(slot, !node.shapeOnly(), Boolean::logicalOr);
                }
            }
        }
        for (GraphNode node : plan.nodes()) {
            for (int slot : node.outputs()) {
                // Kept from run to run: what a shape-only node hands to one that is not.
                if (slot >= 0 && node.shapeOnly() && usedByData.getOrDefault(slot, false)) {
                    last[slot] = Integer.MAX_VALUE;
                }
            }
        }
        last[plan.outputSlot()] = Integer.MAX_VALUE;
        return last;
    }

    private static int[] firstUses(GraphPlan plan) {
        int[] first = new int[plan.slots()];
        Arrays.fill(first, Integer.MAX_VALUE);
        for (int i = plan.nodes().size() - 1; i >= 0; i--) {
            for (int slot : plan.nodes().get(i).inputs()) {
                if (slot >= 0) {
                    first[slot] = i;
                }
            }
        }
        return first;
    }

    private static String shapeKey(Tensor... inputs) {
        StringBuilder key = new StringBuilder();
        for (Tensor input : inputs) {
            key.append(Arrays.toString(input.shape()));
        }
        return key.toString();
    }

    private static String describe(@Nullable Tensor[] inputs) {
        List<String> shapes = new ArrayList<>();
        for (Tensor input : inputs) {
            shapes.add(input == null ? "nothing" : input.scalar_type() + Arrays.toString(input.shape()));
        }
        return "inputs " + shapes;
    }
}

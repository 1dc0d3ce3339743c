package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Runs as one what exporters write as several nodes: attention, a product and its bias, QuickGELU. The same numbers but for rounding, with
 * fewer passes over memory and fewer intermediate values kept for the gradient. Only the running order changes; the file that is written
 * keeps its nodes.
 */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class Fusion {
    private final List<@Nullable GraphNode> nodes;
    private final Map<Integer, GraphPlan.Initializer> initializers;
    private final int[] producer;
    private final int[] uses;

    private Fusion(List<GraphNode> nodes, List<GraphPlan.Initializer> initializers, int slots, int output) {
        this.nodes = new ArrayList<>(nodes);
        this.initializers = initializers.stream()
                .filter(initializer -> initializer.slot() >= 0)
                .collect(Collectors.toMap(GraphPlan.Initializer::slot, initializer -> initializer));
        this.producer = new int[slots];
        this.uses = new int[slots];
        Arrays.fill(producer, -1);
        uses[output]++;
        for (int i = 0; i < nodes.size(); i++) {
            for (int slot : nodes.get(i).inputs()) {
                if (slot >= 0) {
                    uses[slot]++;
                }
            }
            for (int slot : nodes.get(i).outputs()) {
                if (slot >= 0) {
                    producer[slot] = i;
                }
            }
        }
    }

    /** @param nodes in running order */
    static List<GraphNode> apply(
            List<GraphNode> nodes, List<GraphPlan.Initializer> initializers, int slots, int output) {
        Fusion fusion = new Fusion(nodes, initializers, slots, output);
        for (GraphNode node : nodes) {
            if (node.shapeOnly()) {
                continue;
            }
            switch (node.op()) {
                case "MatMul" -> fusion.attention(node);
                case "Add" -> fusion.linear(node);
                case "Mul" -> fusion.quickGelu(node);
                default -> {}
            }
        }
        return fusion.nodes.stream().filter(Objects::nonNull).toList();
    }

    /** softmax(q · kᵀ · scale + mask) · v, the scale and the mask optional. */
    private void attention(GraphNode last) {
        GraphNode softmax = inner(last.inputs()[0], "Softmax");
        if (softmax == null || softmax.attributes().integer("axis", -1) != -1) {
            return;
        }
        int slot = softmax.inputs()[0];
        GraphNode add = inner(slot, "Add");
        for (int side = 0; side < (add == null ? 1 : 2); side++) {
            int scores = add == null ? slot : add.inputs()[side];
            int mask = add == null ? -1 : add.inputs()[1 - side];
            Scaled scaled = scaled(scores);
            GraphNode product = scaled == null ? inner(scores, "MatMul") : inner(scaled.slot(), "MatMul");
            if (product != null) {
                double scale = scaled == null ? 1 : scaled.factor();
                int[] inputs = {product.inputs()[0], product.inputs()[1], last.inputs()[1], mask};
                Operator.Single operator = call -> attend(call, scale);
                replace(
                        last,
                        "Attention",
                        operator,
                        inputs,
                        softmax,
                        add,
                        scaled == null ? null : scaled.node(),
                        product);
                return;
            }
        }
    }

    private static Tensor attend(NodeCall call, double scale) {
        // The fused kernel wants a batch of heads; where an export has one dimension for both, that is one batch of
        // many heads.
        boolean flat = call.input(0).dim() == 3;
        TensorOptional mask = call.has(3) ? Tensors.optional(batched(call.input(3), flat)) : Tensors.none();
        Tensor result = torch.scaled_dot_product_attention(
                batched(call.input(0), flat),
                batched(call.input(1), flat).transpose(-2, -1),
                batched(call.input(2), flat),
                mask,
                0,
                false,
                new DoubleOptional(scale),
                false);
        return flat ? torch.squeeze(result, 0) : result;
    }

    private static Tensor batched(Tensor tensor, boolean flat) {
        return flat && tensor.dim() == 3 ? torch.unsqueeze(tensor, 0) : tensor;
    }

    /** x · W + b */
    private void linear(GraphNode add) {
        for (int side = 0; side < 2; side++) {
            GraphNode product = inner(add.inputs()[side], "MatMul");
            GraphPlan.Initializer bias = initializers.get(add.inputs()[1 - side]);
            GraphPlan.Initializer weight = product == null ? null : initializers.get(product.inputs()[1]);
            if (product != null
                    && weight != null
                    && bias != null
                    && weight.value().dim() == 2
                    && bias.value().dim() == 1
                    && bias.value().numel() == weight.value().size(1)) {
                int[] inputs = {product.inputs()[0], weight.slot(), bias.slot()};
                Operator.Single operator = call ->
                        torch.linear(call.input(0), call.input(1).transpose(0, 1), Tensors.optional(call.input(2)));
                replace(add, "Linear", operator, inputs, product);
                return;
            }
        }
    }

    /** x · sigmoid(c · x) = silu(c · x) / c, whose gradient needs one value where the first form's needs two. */
    private void quickGelu(GraphNode last) {
        for (int side = 0; side < 2; side++) {
            GraphNode sigmoid = inner(last.inputs()[side], "Sigmoid");
            Scaled scaled = sigmoid == null ? null : scaled(sigmoid.inputs()[0]);
            int x = last.inputs()[1 - side];
            if (sigmoid != null && scaled != null && scaled.slot() == x && scaled.factor() != 0) {
                double factor = scaled.factor();
                Operator.Single operator = call -> torch.mul(
                        torch.silu(torch.mul(call.input(0), Tensors.scalar(factor))), Tensors.scalar(1 / factor));
                replace(last, "QuickGelu", operator, new int[] {x}, sigmoid, scaled.node());
                return;
            }
        }
    }

    private void replace(
            GraphNode last, String op, Operator.Single operator, int[] inputs, @Nullable GraphNode... absorbed) {
        for (GraphNode node : absorbed) {
            if (node != null) {
                nodes.set(producer[node.outputs()[0]], null);
            }
        }
        GraphNode fused = new GraphNode(
                last.name(),
                op,
                last.opset(),
                new Attributes(List.of()),
                operator.asOperator(),
                inputs,
                last.outputs(),
                false);
        nodes.set(producer[last.outputs()[0]], fused);
    }

    /** @param slot what is scaled */
    private record Scaled(GraphNode node, int slot, double factor) {}

    /** The multiplication or division by a number that gives a slot, if nothing else uses its result. */
    private @Nullable Scaled scaled(int slot) {
        GraphNode product = inner(slot, "Mul");
        for (int side = 0; product != null && side < 2; side++) {
            Double factor = number(product.inputs()[side]);
            if (factor != null) {
                return new Scaled(product, product.inputs()[1 - side], factor);
            }
        }
        GraphNode quotient = inner(slot, "Div");
        Double divisor = quotient == null ? null : number(quotient.inputs()[1]);
        return quotient == null || divisor == null ? null : new Scaled(quotient, quotient.inputs()[0], 1 / divisor);
    }

    /** A single number that the graph holds and training leaves alone. */
    private @Nullable Double number(int slot) {
        GraphPlan.Initializer initializer = initializers.get(slot);
        if (initializer != null) {
            boolean fixed = initializer.role() == Roles.Role.CONSTANT
                    && initializer.value().numel() == 1;
            return fixed ? (double) Tensors.floats(initializer.value())[0] : null;
        }
        GraphNode node = slot < 0 || producer[slot] < 0 ? null : nodes.get(producer[slot]);
        if (node == null || !node.op().equals("Constant")) {
            return null;
        }
        TensorProto constant = node.attributes().constant();
        if (constant == null || constant.getDimsList().stream().anyMatch(d -> d != 1)) {
            return null;
        }
        try (PointerScope scope = new PointerScope()) {
            return (double) Tensors.floats(Tensors.read(constant, node.toString()))[0];
        }
    }

    /** The node of an operator that gives a slot, if nothing else uses what it gives. */
    private @Nullable GraphNode inner(int slot, String op) {
        GraphNode node = slot < 0 || producer[slot] < 0 || uses[slot] != 1 ? null : nodes.get(producer[slot]);
        if (node == null || !node.op().equals(op) || node.shapeOnly() || node.outputs().length > 1) {
            return null;
        }
        return node;
    }
}

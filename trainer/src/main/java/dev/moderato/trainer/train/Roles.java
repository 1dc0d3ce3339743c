package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Tells an initializer that is a weight from one that is a constant: not every float is learned. */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class Roles {
    /** What an initializer is for. */
    enum Role {
        /** Learned. */
        WEIGHT,
        /** Running mean or variance of a batch normalization. */
        STATISTIC,
        /** Part of the computation: a shape, a mask, an epsilon, a pixel mean. */
        CONSTANT
    }

    /** A mask says "minus infinity" with the lowest number of its type; no weight is that large. */
    private static final double MASK = 6e4;

    private static final Set<String> FREEZING = Set.of("Clip", "Pow", "Where", "Resize", "Range", "Pad", "Upsample");
    private static final Set<String> PIXEL_ARITHMETIC = Set.of("Add", "Sub", "Mul", "Div", "Cast", "Transpose");

    private final Set<String> statistics = new HashSet<>();
    private final Set<String> constants = new HashSet<>();

    private Roles() {}

    /** @param nodes in an order in which they can run */
    static Map<String, Role> of(List<NodeProto> nodes, Map<String, TensorProto> protos, Map<String, Tensor> values) {
        Roles roles = new Roles();
        roles.readUses(nodes, protos);
        Map<String, Role> byName = new HashMap<>();
        protos.forEach((name, proto) -> byName.put(name, roles.role(name, proto, values)));
        return byName;
    }

    private void readUses(List<NodeProto> nodes, Map<String, TensorProto> initializers) {
        // Values that are still the raw input, only scaled or reordered: what is applied to them is preprocessing.
        Set<String> raw = new HashSet<>();
        Set<String> produced = new HashSet<>();
        nodes.forEach(n -> produced.addAll(n.getOutputList()));
        for (NodeProto node : nodes) {
            List<String> inputs = node.getInputList();
            boolean pixels = PIXEL_ARITHMETIC.contains(node.getOpType());
            boolean anyRaw = false;
            for (String input : inputs) {
                boolean graphInput = !produced.contains(input) && !initializers.containsKey(input);
                anyRaw |= raw.contains(input) || graphInput;
                pixels &= raw.contains(input) || graphInput || initializers.containsKey(input);
            }
            if (pixels && anyRaw) {
                raw.addAll(node.getOutputList());
                constants.addAll(inputs);
            }
            if (FREEZING.contains(node.getOpType())) {
                constants.addAll(inputs);
            }
            if (node.getOpType().equals("BatchNormalization")) {
                statistics.addAll(inputs.subList(3, 5));
            }
        }
    }

    private Role role(String name, TensorProto proto, Map<String, Tensor> values) {
        if (!Untying.isFloat(proto) || constants.contains(name)) {
            return Role.CONSTANT;
        }
        if (statistics.contains(name)) {
            return Role.STATISTIC;
        }
        Tensor value = values.get(name);
        return value == null || value.numel() <= 1 || isMask(value) ? Role.CONSTANT : Role.WEIGHT;
    }

    private static boolean isMask(Tensor value) {
        try (PointerScope scope = new PointerScope()) {
            // A comparison with NaN is false, so this also finds numbers that are none.
            return !torch.all(torch.lt(torch.abs(value), Tensors.scalar(MASK))).item_bool();
        }
    }
}

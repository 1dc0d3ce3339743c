package dev.moderato.trainer.train;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer, group, instance and batch normalization. */
final class NormalizationOperators {
    private NormalizationOperators() {}

    static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        single(all, "LayerNormalization", NormalizationOperators::layer);
        single(all, "GroupNormalization", NormalizationOperators::group);
        single(all, "InstanceNormalization", NormalizationOperators::instance);
        single(all, "BatchNormalization", NormalizationOperators::batch);
        return all;
    }

    private static Tensor layer(NodeCall call) {
        if (call.node().outputs().length > 1
                && Arrays.stream(call.node().outputs()).skip(1).anyMatch(o -> o >= 0)) {
            throw call.failure("its outputs mean and inverse deviation are not supported");
        }
        long[] shape = call.shape(0);
        int axis = ShapeOperators.axis(call.attributes().integer("axis", -1), shape.length);
        long[] normalized = Arrays.copyOfRange(shape, axis, shape.length);
        TensorOptional bias = call.has(2) ? Tensors.optional(call.input(2).expand(normalized)) : Tensors.none();
        return torch.layer_norm(
                call.input(0),
                normalized,
                Tensors.optional(call.input(1).expand(normalized)),
                bias,
                call.attributes().real("epsilon", 1e-5),
                true);
    }

    private static Tensor group(NodeCall call) {
        long groups = call.attributes().integer("num_groups", 0);
        if (groups < 1) {
            throw call.failure("num_groups is missing");
        }
        return torch.group_norm(
                call.input(0),
                groups,
                Tensors.optional(perChannel(call, 1)),
                Tensors.optional(perChannel(call, 2)),
                call.attributes().real("epsilon", 1e-5),
                true);
    }

    /** Operator set 18 has one scale a group, 21 one a channel. */
    private static Tensor perChannel(NodeCall call, int index) {
        Tensor values = call.input(index);
        long channels = call.input(0).size(1);
        if (values.numel() == channels) {
            return values;
        }
        return torch.reshape(torch.unsqueeze(values, 1).expand(values.numel(), channels / values.numel()), channels);
    }

    private static Tensor instance(NodeCall call) {
        // An instance norm is a group norm with one channel a group.
        return torch.group_norm(
                call.input(0),
                call.input(0).size(1),
                Tensors.optional(call.input(1)),
                Tensors.optional(call.input(2)),
                call.attributes().real("epsilon", 1e-5),
                true);
    }

    private static Tensor batch(NodeCall call) {
        return torch.batch_norm(
                call.input(0),
                Tensors.optional(call.input(1)),
                Tensors.optional(call.input(2)),
                Tensors.optional(call.input(3)),
                Tensors.optional(call.input(4)),
                call.training(),
                // ONNX weighs the old statistics, libtorch the new ones.
                1 - call.attributes().real("momentum", 0.9),
                call.attributes().real("epsilon", 1e-5),
                false);
    }

    private static void single(Map<String, Operator> all, String name, Operator.Single operation) {
        all.put(name, operation.asOperator());
    }
}

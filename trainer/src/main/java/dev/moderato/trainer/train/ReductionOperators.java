package dev.moderato.trainer.train;

import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that fold one or more axes. */
final class ReductionOperators {
    @FunctionalInterface
    private interface Reduction {
        Tensor reduce(Tensor input, long[] axes, boolean keep);
    }

    private ReductionOperators() {}

    static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        reduction(all, "ReduceMean", (x, axes, keep) -> torch.mean(x, axes, keep, new ScalarTypeOptional()));
        reduction(all, "ReduceSum", (x, axes, keep) -> torch.sum(x, axes, keep, new ScalarTypeOptional()));
        reduction(all, "ReduceMax", torch::amax);
        reduction(all, "ReduceMin", torch::amin);
        reduction(
                all,
                "ReduceL2",
                (x, axes, keep) ->
                        torch.linalg_vector_norm(x, Tensors.scalar(2.0), axes, keep, new ScalarTypeOptional()));
        single(all, "ArgMax", ReductionOperators::argMax);
        single(
                all,
                "Softmax",
                call -> torch.softmax(call.input(0), call.attributes().integer("axis", -1)));
        single(
                all,
                "LogSoftmax",
                call -> torch.log_softmax(call.input(0), call.attributes().integer("axis", -1)));
        return all;
    }

    private static Tensor argMax(NodeCall call) {
        if (call.attributes().integer("select_last_index", 0) != 0) {
            throw call.failure("select_last_index is not supported");
        }
        // Bool has no order in libtorch; the first of equal maxima is taken, as ONNX asks.
        Tensor input = call.input(0);
        Tensor ordered = input.scalar_type() == torch.ScalarType.Bool ? input.to(torch.ScalarType.Int) : input;
        return torch.argmax(
                ordered,
                new LongOptional(call.attributes().integer("axis", 0)),
                call.attributes().integer("keepdims", 1) == 1);
    }

    private static void reduction(Map<String, Operator> all, String name, Reduction reduction) {
        single(all, name, call -> {
            Tensor input = call.input(0);
            long[] axes = call.axes(1);
            if (axes == null || axes.length == 0) {
                if (call.attributes().integer("noop_with_empty_axes", 0) == 1) {
                    return input;
                }
                axes = new long[(int) input.dim()];
                for (int i = 0; i < axes.length; i++) {
                    axes[i] = i;
                }
            }
            return reduction.reduce(input, axes, call.attributes().integer("keepdims", 1) == 1);
        });
    }

    private static void single(Map<String, Operator> all, String name, Operator.Single operation) {
        all.put(name, operation.asOperator());
    }
}

package dev.moderato.trainer.train;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What an ONNX operator computes. */
@FunctionalInterface
interface Operator {
    /** The outputs, in the operator's order; trailing optional ones may be absent. */
    List<Tensor> run(NodeCall call);

    /** An operator with one output. */
    @FunctionalInterface
    interface Single {
        Tensor run(NodeCall call);

        default Operator asOperator() {
            return call -> List.of(run(call));
        }
    }
}

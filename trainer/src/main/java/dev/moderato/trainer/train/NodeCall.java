package dev.moderato.trainer.train;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One execution of a node: its inputs as tensors, its attributes, and how the run was configured. */
final class NodeCall {
    private final GraphNode node;
    private final @Nullable Tensor[] inputs;
    private final @Nullable Device device;
    private final boolean training;

    /** @param device where inputs are wanted, or null to take them where they are */
    NodeCall(GraphNode node, @Nullable Tensor[] inputs, @Nullable Device device, boolean training) {
        this.node = node;
        this.inputs = inputs;
        this.device = device;
        this.training = training;
    }

    GraphNode node() {
        return node;
    }

    Attributes attributes() {
        return node.attributes();
    }

    /** True where batch statistics are to be used and updated. */
    boolean training() {
        return training;
    }

    int inputCount() {
        return inputs.length;
    }

    boolean has(int index) {
        return index < inputs.length && inputs[index] != null;
    }

    Tensor input(int index) {
        Tensor tensor = index < inputs.length ? inputs[index] : null;
        if (tensor == null) {
            throw failure("input " + index + " is missing");
        }
        return device == null || tensor.device().equals(device) ? tensor : tensor.to(device, tensor.scalar_type());
    }

    /** The shape of an input. */
    long[] shape(int index) {
        return input(index).shape();
    }

    /** An input that holds a shape, axes or other whole numbers. */
    long[] longs(int index) {
        Tensor tensor = index < inputs.length ? inputs[index] : null;
        if (tensor == null) {
            throw failure("input " + index + " is missing");
        }
        return Tensors.longs(tensor);
    }

    /** Axes from the input (newer operator sets) or else the attribute (older ones); null where neither is given. */
    long @Nullable [] axes(int inputIndex) {
        return has(inputIndex) ? longs(inputIndex) : attributes().integers("axes");
    }

    GraphException failure(String what) {
        return new GraphException(node + ": " + what);
    }
}

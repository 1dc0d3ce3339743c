package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Operators that make, move, cut and join tensors without computing. */
final class ShapeOperators {
    private ShapeOperators() {}

    static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        all.put("Split", ShapeOperators::split);
        single(all, "Constant", ShapeOperators::constant);
        single(all, "ConstantOfShape", ShapeOperators::constantOfShape);
        single(all, "Range", ShapeOperators::range);
        single(all, "Shape", ShapeOperators::shape);
        single(all, "Size", call -> Tensors.of(new long[] {call.input(0).numel()}));
        single(all, "Reshape", ShapeOperators::reshape);
        single(all, "Flatten", ShapeOperators::flatten);
        single(all, "Transpose", ShapeOperators::transpose);
        single(all, "Squeeze", ShapeOperators::squeeze);
        single(all, "Unsqueeze", ShapeOperators::unsqueeze);
        single(all, "Expand", ShapeOperators::expand);
        single(all, "Tile", call -> torch.tile(call.input(0), call.longs(1)));
        single(all, "Concat", ShapeOperators::concat);
        single(all, "Slice", ShapeOperators::slice);
        single(all, "Gather", ShapeOperators::gather);
        single(all, "GatherND", ShapeOperators::gatherNd);
        single(all, "Trilu", ShapeOperators::trilu);
        single(all, "Pad", ShapeOperators::pad);
        return all;
    }

    private static Tensor constant(NodeCall call) {
        TensorProto value = call.attributes().constant();
        if (value == null) {
            throw call.failure("has no value that is a tensor or number");
        }
        return Tensors.read(value, call.node().toString());
    }

    private static Tensor constantOfShape(NodeCall call) {
        TensorProto value = call.attributes().constant();
        Tensor fill = value == null
                ? Tensors.of(new float[] {0f}, 1)
                : Tensors.read(value, call.node().toString());
        return torch.full(call.longs(0), fill.item(), new TensorOptions(fill.scalar_type()));
    }

    private static Tensor range(NodeCall call) {
        Tensor start = call.input(0);
        return torch.arange(
                start.item(),
                call.input(1).item(),
                call.input(2).item(),
                new TensorOptions(start.scalar_type()).device(new DeviceOptional(start.device())));
    }

    private static Tensor shape(NodeCall call) {
        long[] shape = call.shape(0);
        int start = clamped(call.attributes().integer("start", 0), shape.length);
        int end = clamped(call.attributes().integer("end", shape.length), shape.length);
        return Tensors.vector(Arrays.copyOfRange(shape, start, Math.max(start, end)));
    }

    private static int clamped(long position, int rank) {
        return (int) Math.max(0, Math.min(rank, position < 0 ? position + rank : position));
    }

    private static Tensor reshape(NodeCall call) {
        long[] target = call.longs(1);
        if (call.attributes().integer("allowzero", 0) == 0) {
            for (int i = 0; i < target.length; i++) {
                if (target[i] == 0) {
                    target[i] = call.input(0).size(i);
                }
            }
        }
        return torch.reshape(call.input(0), target);
    }

    private static Tensor flatten(NodeCall call) {
        long[] shape = call.shape(0);
        int axis = axis(call.attributes().integer("axis", 1), shape.length);
        long rows = 1;
        for (int i = 0; i < axis; i++) {
            rows *= shape[i];
        }
        return torch.reshape(call.input(0), rows, rows == 0 ? 0 : call.input(0).numel() / rows);
    }

    private static Tensor transpose(NodeCall call) {
        long[] order = call.attributes().integers("perm");
        if (order == null) {
            int rank = (int) call.input(0).dim();
            order = new long[rank];
            for (int i = 0; i < rank; i++) {
                order[i] = rank - 1L - i;
            }
        }
        return call.input(0).permute(order);
    }

    private static Tensor squeeze(NodeCall call) {
        long[] axes = call.axes(1);
        return axes == null ? torch.squeeze(call.input(0)) : torch.squeeze(call.input(0), axes);
    }

    private static Tensor unsqueeze(NodeCall call) {
        long[] axes = call.axes(1);
        if (axes == null) {
            throw call.failure("has no axes");
        }
        Tensor result = call.input(0);
        int rank = (int) result.dim() + axes.length;
        long[] ordered =
                Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
        for (long axis : ordered) {
            result = torch.unsqueeze(result, axis);
        }
        return result;
    }

    private static Tensor expand(NodeCall call) {
        long[] shape = call.shape(0);
        long[] target = call.longs(1);
        int rank = Math.max(shape.length, target.length);
        long[] out = new long[rank];
        for (int i = 1; i <= rank; i++) {
            long own = i <= shape.length ? shape[shape.length - i] : 1;
            long wanted = i <= target.length ? target[target.length - i] : 1;
            out[rank - i] = own == 1 ? wanted : own;
        }
        return call.input(0).expand(out);
    }

    private static Tensor concat(NodeCall call) {
        TensorVector parts = new TensorVector();
        for (int i = 0; i < call.inputCount(); i++) {
            parts.push_back(call.input(i));
        }
        return torch.cat(parts, call.attributes().integer("axis", 0));
    }

    private static List<Tensor> split(NodeCall call) {
        Tensor input = call.input(0);
        long axis = call.attributes().integer("axis", 0);
        TensorVector parts;
        long[] sizes = call.has(1) ? call.longs(1) : call.attributes().integers("split");
        if (sizes == null) {
            long count = call.attributes().integer("num_outputs", call.node().outputs().length);
            parts = torch.split(input, -Math.floorDiv(-input.size(axis), count), axis);
        } else {
            parts = torch.split_with_sizes(input, sizes, axis);
        }
        // An element of the vector is freed with it: a copy of the handle is not.
        return Arrays.stream(parts.get()).map(Tensor::new).toList();
    }

    private static Tensor slice(NodeCall call) {
        Tensor result = call.input(0);
        long[] starts = call.longs(1);
        long[] ends = call.longs(2);
        long[] axes = call.has(3) ? call.longs(3) : null;
        long[] steps = call.has(4) ? call.longs(4) : null;
        for (int i = 0; i < starts.length; i++) {
            long axis = axes == null ? i : axes[i];
            long step = steps == null ? 1 : steps[i];
            result = step > 0
                    ? torch.slice(result, axis, new LongOptional(starts[i]), new LongOptional(ends[i]), step)
                    : reversed(result, axis, starts[i], ends[i], step);
        }
        return result;
    }

    private static Tensor reversed(Tensor input, long axis, long start, long end, long step) {
        long size = input.size(axis);
        long from = Math.min(start < 0 ? start + size : start, size - 1);
        long to = Math.max(-1, end < 0 ? end + size : end);
        List<Long> picked = new ArrayList<>();
        for (long i = from; i > to; i += step) {
            picked.add(i);
        }
        Tensor index = Tensors.vector(picked.stream().mapToLong(Long::longValue).toArray());
        return torch.index_select(input, axis, index.to(input.device(), index.scalar_type()));
    }

    private static Tensor gather(NodeCall call) {
        Tensor data = call.input(0);
        Tensor indices = nonNegative(call.input(1), data, axis(call.attributes().integer("axis", 0), (int) data.dim()));
        int axis = axis(call.attributes().integer("axis", 0), (int) data.dim());
        if (axis == 0 && data.dim() == 2 && data.is_floating_point()) {
            return torch.embedding(data, indices);
        }
        Tensor picked = torch.index_select(data, axis, torch.reshape(indices, -1));
        long[] shape = data.shape();
        long[] indexShape = indices.shape();
        long[] out = new long[shape.length - 1 + indexShape.length];
        System.arraycopy(shape, 0, out, 0, axis);
        System.arraycopy(indexShape, 0, out, axis, indexShape.length);
        System.arraycopy(shape, axis + 1, out, axis + indexShape.length, shape.length - axis - 1);
        return torch.reshape(picked, out);
    }

    private static Tensor nonNegative(Tensor indices, Tensor data, int axis) {
        Tensor plain = indices.to(torch.ScalarType.Long);
        return torch.remainder(plain, Tensors.scalar(data.size(axis)));
    }

    private static Tensor gatherNd(NodeCall call) {
        Tensor data = call.input(0);
        long[] shape = call.shape(0);
        long[] indexShape = call.shape(1);
        int batch = (int) call.attributes().integer("batch_dims", 0);
        int depth = (int) indexShape[indexShape.length - 1];
        long batches = product(shape, 0, batch);
        long cells = product(shape, batch, batch + depth);
        // One linear index for the indexed dimensions, offset by the batch.
        Tensor indices = torch.reshape(call.input(1).to(torch.ScalarType.Long), batches, -1, depth);
        Tensor linear = null;
        for (int k = 0; k < depth; k++) {
            Tensor at = torch.remainder(indices.select(2, k), Tensors.scalar(shape[batch + k]));
            linear = linear == null ? at : torch.add(torch.mul(linear, Tensors.scalar(shape[batch + k])), at);
        }
        if (linear == null) {
            throw call.failure("indices of depth 0");
        }
        long[] offsets = new long[(int) batches];
        for (int b = 0; b < batches; b++) {
            offsets[b] = b * cells;
        }
        Tensor offset = Tensors.of(offsets, batches, 1);
        Tensor flatIndex = torch.reshape(torch.add(linear, offset.to(linear.device(), linear.scalar_type())), -1);
        long[] flat = new long[shape.length - batch - depth + 1];
        flat[0] = batches * cells;
        System.arraycopy(shape, batch + depth, flat, 1, flat.length - 1);
        Tensor picked = torch.index_select(torch.reshape(data, flat), 0, flatIndex);
        long[] out = new long[indexShape.length - 1 + flat.length - 1];
        System.arraycopy(indexShape, 0, out, 0, indexShape.length - 1);
        System.arraycopy(flat, 1, out, indexShape.length - 1, flat.length - 1);
        return torch.reshape(picked, out);
    }

    private static Tensor trilu(NodeCall call) {
        long diagonal = call.has(1) ? call.longs(1)[0] : 0;
        return call.attributes().integer("upper", 1) == 1
                ? torch.triu(call.input(0), diagonal)
                : torch.tril(call.input(0), diagonal);
    }

    private static Tensor pad(NodeCall call) {
        if (!call.attributes().text("mode", "constant").equals("constant")) {
            throw call.failure("mode " + call.attributes().text("mode", "") + " is not supported, only constant");
        }
        long[] pads = call.longs(1);
        int rank = (int) call.input(0).dim();
        long[] axes = call.has(3) ? call.longs(3) : null;
        int padded = pads.length / 2;
        long[] out = new long[2 * rank];
        for (int i = 0; i < padded; i++) {
            int axis = axes == null ? i : axis(axes[i], rank);
            out[2 * (rank - 1 - axis)] = pads[i];
            out[2 * (rank - 1 - axis) + 1] = pads[i + padded];
        }
        return torch.constant_pad_nd(
                call.input(0), out, call.has(2) ? call.input(2).item() : Tensors.scalar(0.0));
    }

    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    private static long product(long[] shape, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= shape[i];
        }
        return product;
    }

    private static void single(Map<String, Operator> all, String name, Operator.Single operation) {
        all.put(name, operation.asOperator());
    }
}

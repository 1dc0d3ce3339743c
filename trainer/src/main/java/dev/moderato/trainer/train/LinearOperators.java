package dev.moderato.trainer.train;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Matrix products, convolution, attention and pooling. */
final class LinearOperators {
    private LinearOperators() {}

    static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        single(all, "MatMul", call -> torch.matmul(call.input(0), call.input(1)));
        single(all, "Gemm", LinearOperators::gemm);
        single(all, "Conv", LinearOperators::conv);
        single(all, "Attention", LinearOperators::attention);
        single(all, "GlobalAveragePool", LinearOperators::globalAveragePool);
        single(all, "AveragePool", LinearOperators::averagePool);
        single(all, "MaxPool", LinearOperators::maxPool);
        return all;
    }

    private static Tensor gemm(NodeCall call) {
        Attributes attributes = call.attributes();
        Tensor a = attributes.integer("transA", 0) == 1 ? call.input(0).transpose(0, 1) : call.input(0);
        Tensor b = attributes.integer("transB", 0) == 1 ? call.input(1).transpose(0, 1) : call.input(1);
        double alpha = attributes.real("alpha", 1);
        double beta = attributes.real("beta", 1);
        if (call.has(2)) {
            return torch.addmm(call.input(2), a, b, Tensors.scalar(beta), Tensors.scalar(alpha));
        }
        Tensor product = torch.matmul(a, b);
        return alpha == 1 ? product : torch.mul(product, Tensors.scalar(alpha));
    }

    private static Tensor conv(NodeCall call) {
        Attributes attributes = call.attributes();
        Tensor weight = call.input(1);
        int spatial = (int) weight.dim() - 2;
        long[] kernel = Arrays.copyOfRange(weight.shape(), 2, spatial + 2);
        Window window = Window.of(call, call.shape(0), kernel);
        Tensor input = window.symmetric() ? call.input(0) : window.padded(call.input(0), 0);
        return torch.convolution(
                input,
                weight,
                call.has(2) ? Tensors.optional(call.input(2)) : Tensors.none(),
                window.strides(),
                window.symmetric() ? window.begins() : new long[spatial],
                window.dilations(),
                false,
                new long[spatial],
                attributes.integer("group", 1));
    }

    private static Tensor globalAveragePool(NodeCall call) {
        int rank = (int) call.input(0).dim();
        long[] axes = new long[rank - 2];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 2L;
        }
        return torch.mean(call.input(0), axes, true, new ScalarTypeOptional());
    }

    private static Tensor averagePool(NodeCall call) {
        Window window = poolWindow(call);
        boolean countPadding = call.attributes().integer("count_include_pad", 0) == 1;
        if (!window.symmetric()) {
            throw call.failure("padding that differs between the sides is not supported");
        }
        return torch.avg_pool2d(
                call.input(0),
                window.kernel(),
                window.strides(),
                window.begins(),
                call.attributes().integer("ceil_mode", 0) == 1,
                countPadding,
                new LongOptional());
    }

    private static Tensor maxPool(NodeCall call) {
        Window window = poolWindow(call);
        Tensor input = window.symmetric() ? call.input(0) : window.padded(call.input(0), Double.NEGATIVE_INFINITY);
        return torch.max_pool2d(
                input,
                window.kernel(),
                window.strides(),
                window.symmetric() ? window.begins() : new long[2],
                window.dilations(),
                call.attributes().integer("ceil_mode", 0) == 1);
    }

    private static Window poolWindow(NodeCall call) {
        long[] kernel = call.attributes().integers("kernel_shape");
        if (kernel == null || kernel.length != 2) {
            throw call.failure("only pooling over two dimensions is supported");
        }
        return Window.of(call, call.shape(0), kernel);
    }

    /** Attention of operator set 23: softmax(q · kᵀ · scale + mask) · v, over heads. */
    private static Tensor attention(NodeCall call) {
        Attributes attributes = call.attributes();
        if (call.has(4) || call.has(5)) {
            throw call.failure("a key and value cache is not supported");
        }
        if (attributes.real("softcap", 0) != 0) {
            throw call.failure("softcap is not supported");
        }
        boolean flat = call.input(0).dim() == 3;
        Tensor query = heads(call, 0, "q_num_heads");
        Tensor key = heads(call, 1, "kv_num_heads");
        Tensor value = heads(call, 2, "kv_num_heads");
        boolean grouped = query.size(1) != key.size(1);
        TensorOptional mask = call.has(3) ? Tensors.optional(call.input(3)) : Tensors.none();
        Tensor result = torch.scaled_dot_product_attention(
                query,
                key,
                value,
                mask,
                0,
                attributes.integer("is_causal", 0) == 1,
                attributes.has("scale") ? new DoubleOptional(attributes.real("scale", 1)) : new DoubleOptional(),
                grouped);
        if (!flat) {
            return result;
        }
        return torch.reshape(
                result.transpose(1, 2), call.input(0).size(0), call.input(0).size(1), -1);
    }

    private static Tensor heads(NodeCall call, int index, String count) {
        Tensor input = call.input(index);
        if (input.dim() == 4) {
            return input;
        }
        long heads = call.attributes().integer(count, 0);
        if (heads < 1) {
            throw call.failure(count + " is missing");
        }
        return torch.reshape(input, input.size(0), input.size(1), heads, -1).transpose(1, 2);
    }

    private static void single(Map<String, Operator> all, String name, Operator.Single operation) {
        all.put(name, operation.asOperator());
    }
}

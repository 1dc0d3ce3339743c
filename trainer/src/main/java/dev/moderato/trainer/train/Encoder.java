package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.TensorProto;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Feeds a graph with images or token ids in the form that its inputs ask for. */
final class Encoder implements AutoCloseable {
    private final TrainableGraph graph;
    private final TrainerOptions options;
    private final @Nullable Device device;

    Encoder(TrainableGraph graph, TrainerOptions options, @Nullable Device device) {
        this.graph = graph;
        this.options = options;
        this.device = device;
    }

    TrainableGraph graph() {
        return graph;
    }

    /** @return n × d */
    Tensor images(Batch.Images images, boolean training) {
        List<GraphPlan.Input> inputs = graph.plan().inputs();
        if (inputs.size() != 1) {
            throw new GraphException(graph.plan().origin() + ": an image tower has one input, this one has " + inputs);
        }
        boolean bytes = inputs.get(0).type() == TensorProto.DataType.UINT8_VALUE;
        Tensor pixels;
        if (images instanceof Batch.Values values) {
            pixels = Tensors.of(values.values(), values.count(), 3, values.height(), values.width());
        } else {
            Batch.Crops crops = (Batch.Crops) images;
            Tensor raw = raw(crops);
            pixels = bytes ? raw : normalized(raw);
        }
        // Convolutions are faster with channels last, and hand that order on; a single patch convolution does not care.
        boolean convolutional = !bytes
                && graph.plan().nodes().stream()
                                .filter(n -> n.op().equals("Conv"))
                                .count()
                        > 3;
        return graph.forward(
                training, placed(convolutional ? pixels.contiguous(torch.MemoryFormat.ChannelsLast) : pixels));
    }

    private static Tensor raw(Batch.Crops crops) {
        int size = crops.height() * crops.width() * 3;
        long[] shape = {crops.count(), crops.height(), crops.width(), 3};
        Tensor raw = torch.empty(shape, new TensorOptions(ScalarType.Byte), new MemoryFormatOptional());
        BytePointer target = new BytePointer(raw.data_ptr());
        for (int i = 0; i < crops.count(); i++) {
            byte[] crop = crops.crops().get(i);
            if (crop.length != size) {
                throw new IllegalArgumentException("image " + i + " of the batch has " + crop.length + " bytes, not "
                        + crops.height() + " × " + crops.width() + " × 3");
            }
            target.position((long) i * size).put(crop);
        }
        return raw;
    }

    private Tensor normalized(Tensor raw) {
        float[] factor = new float[3];
        float[] offset = new float[3];
        for (int c = 0; c < 3; c++) {
            factor[c] = (float) (options.rescale() / options.std().get(c));
            offset[c] = -options.mean().get(c) / options.std().get(c);
        }
        Tensor channelFirst = raw.permute(0, 3, 1, 2).to(ScalarType.Float).contiguous();
        return torch.add(torch.mul(channelFirst, Tensors.of(factor, 1, 3, 1, 1)), Tensors.of(offset, 1, 3, 1, 1));
    }

    /** @return n × d */
    Tensor texts(long[][] tokens, boolean training) {
        int length = tokens[0].length;
        long[] flat = new long[tokens.length * length];
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i].length != length) {
                throw new IllegalArgumentException(
                        "text " + i + " of the batch has " + tokens[i].length + " tokens, the first has " + length);
            }
            System.arraycopy(tokens[i], 0, flat, i * length, length);
        }
        List<GraphPlan.Input> inputs = graph.plan().inputs();
        Tensor[] feeds = new Tensor[inputs.size()];
        for (int i = 0; i < feeds.length; i++) {
            Tensor feed;
            String name = inputs.get(i).name();
            if (i == 0) {
                feed = Tensors.of(flat, tokens.length, length);
            } else if (name.contains("mask")) {
                feed = Tensors.of(mask(tokens, length), tokens.length, length);
            } else if (name.contains("position")) {
                feed = torch.arange(Tensors.scalar((long) length)).expand(tokens.length, length);
            } else {
                throw new GraphException(graph.plan().origin() + ": a text tower takes token ids, an attention mask and"
                        + " position ids; this one has an input " + name);
            }
            feeds[i] = placed(feed.to(
                    Tensors.computedType(inputs.get(i).type(), inputs.get(i).name())));
        }
        return graph.forward(training, feeds);
    }

    /** 1 for a token, 0 for what fills the row; where the end token fills it, the first of them is the text's own. */
    private long[] mask(long[][] tokens, int length) {
        long[] mask = new long[tokens.length * length];
        for (int row = 0; row < tokens.length; row++) {
            int end = length;
            while (end > 0 && tokens[row][end - 1] == options.padding()) {
                end--;
            }
            boolean endToken =
                    end < length && Arrays.stream(tokens[row], 0, end).allMatch(id -> id < options.padding());
            Arrays.fill(mask, row * length, row * length + end + (endToken ? 1 : 0), 1);
        }
        return mask;
    }

    private Tensor placed(Tensor tensor) {
        return device == null ? tensor : tensor.to(device, tensor.scalar_type());
    }

    @Override
    public void close() {
        graph.close();
    }
}

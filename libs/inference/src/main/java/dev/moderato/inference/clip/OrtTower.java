package dev.moderato.inference.clip;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One graph in ONNX Runtime: fills pooled buffers, runs, and reads the embeddings. Safe to share between threads. */
final class OrtTower implements AutoCloseable {
    /** One input of a run: its name, the type of its elements, and the shape of one item. */
    record Input(String name, OnnxJavaType type, List<Integer> item) {
        int itemBytes() {
            return item.stream().reduce(type.size, Math::multiplyExact);
        }

        long[] shape(int batch) {
            return LongStream.concat(LongStream.of(batch), item.stream().mapToLong(Integer::longValue))
                    .toArray();
        }
    }

    /** Puts item {@code index} of a batch into the buffer of each input, at the buffer's position. */
    interface Filler {
        void put(int index, ByteBuffer[] inputs);
    }

    /** The memory of one run, outside the heap, for the largest batch, and tensors over it for the batch before. */
    private static final class Buffers implements AutoCloseable {
        private final ByteBuffer[] inputs;
        private final ByteBuffer output;
        private final Map<String, OnnxTensor> given = new HashMap<>();
        private final Map<String, OnnxTensor> result = new HashMap<>();
        private int batch;

        Buffers(ByteBuffer[] inputs, ByteBuffer output) {
            this.inputs = inputs;
            this.output = output;
        }

        @Override
        public void close() {
            given.values().forEach(OnnxTensor::close);
            result.values().forEach(OnnxTensor::close);
            given.clear();
            result.clear();
            batch = 0;
        }
    }

    private final OrtEnvironment environment = OrtRuntime.environment();
    private final OrtSession session;
    private final Input[] inputs;
    private final int embeddingSize;
    private final BatchSplit split;
    /** Concurrent runs would each take memory of their own on a GPU; null where they may. */
    private final @Nullable ReentrantLock oneAtATime;

    private final Deque<Buffers> pool = new ArrayDeque<>();

    private OrtTower(
            OrtSession session,
            List<Input> inputs,
            int embeddingSize,
            int fixedBatch,
            int maxBatch,
            boolean oneAtATime) {
        this.session = session;
        this.inputs = inputs.toArray(new Input[0]);
        this.embeddingSize = embeddingSize;
        this.split = new BatchSplit(fixedBatch > 0 ? fixedBatch : maxBatch, fixedBatch > 0);
        this.oneAtATime = oneAtATime ? new ReentrantLock(true) : null;
    }

    /**
     * Opens a session.
     *
     * @param file where the graph came from; its external data lies beside it
     */
    static OrtTower open(TowerGraph graph, Path file, List<Input> inputs, int embeddingSize, Accelerator accelerator)
            throws OrtException {
        int size = graph.model().getSerializedSize();
        ByteBuffer bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            graph.model().writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("the buffer has the graph's size", e);
        }
        bytes.flip();
        try (SessionOptions options = accelerator.options()) {
            options.addConfigEntry(
                    "session.model_external_initializers_file_folder_path",
                    String.valueOf(file.toAbsolutePath().getParent()));
            OrtSession session = OrtRuntime.environment().createSession(bytes, options);
            return new OrtTower(
                    session,
                    inputs,
                    embeddingSize,
                    graph.fixedBatch(),
                    accelerator.settings().maxBatch(),
                    accelerator.onGpu());
        }
    }

    /** Encodes {@code count} items as they come out of the graph; more than the largest batch in several runs. */
    float[][] run(int count, Filler filler) {
        float[][] embeddings = new float[count][embeddingSize];
        split.run(count, (start, end) -> runOnce(start, end, filler, embeddings));
        return embeddings;
    }

    private void runOnce(int start, int end, Filler filler, float[][] embeddings) {
        int items = end - start;
        int batch = split.fixed() ? split.largest() : items;
        Buffers buffers = take();
        try {
            for (ByteBuffer input : buffers.inputs) {
                input.clear();
            }
            for (int i = start; i < end; i++) {
                filler.put(i, buffers.inputs);
            }
            for (int i = items; i < batch; i++) {
                filler.put(end - 1, buffers.inputs); // a graph of a fixed batch is filled up with the last item
            }
            FloatBuffer output = run(buffers, batch).asFloatBuffer();
            for (int i = start; i < end; i++) {
                output.get((i - start) * embeddingSize, embeddings[i]);
            }
        } finally {
            give(buffers);
        }
    }

    private ByteBuffer run(Buffers buffers, int batch) {
        if (oneAtATime != null) {
            oneAtATime.lock();
        }
        try {
            if (buffers.batch != batch) {
                makeTensors(buffers, batch);
            }
            session.run(buffers.given, buffers.result).close();
            return buffers.output;
        } catch (OrtException e) {
            throw new EncoderException(
                    kindOf(e), "the encoder failed on a batch of " + batch + ": " + e.getMessage(), e);
        } finally {
            if (oneAtATime != null) {
                oneAtATime.unlock();
            }
        }
    }

    private void makeTensors(Buffers buffers, int batch) throws OrtException {
        buffers.close();
        for (int i = 0; i < inputs.length; i++) {
            ByteBuffer data = buffers.inputs[i].clear().limit(inputs[i].itemBytes() * batch);
            buffers.given.put(
                    inputs[i].name, OnnxTensor.createTensor(environment, data, inputs[i].shape(batch), inputs[i].type));
        }
        ByteBuffer output = buffers.output.clear().limit(batch * embeddingSize * Float.BYTES);
        buffers.result.put(
                TowerGraph.output(),
                OnnxTensor.createTensor(environment, output, new long[] {batch, embeddingSize}, OnnxJavaType.FLOAT));
        buffers.batch = batch;
    }

    /** The runtime has one code for many faults; its message tells them apart. */
    static EncoderException.Kind kindOf(OrtException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("failed to allocate memory")
                || message.contains("out of memory")
                || message.contains("alloc_failed")
                || message.contains("bad_alloc")
                || message.contains("bad allocation")) {
            return EncoderException.Kind.OUT_OF_MEMORY;
        }
        if (e.getCode() == OrtException.OrtErrorCode.ORT_DEVICE_RESET
                || message.contains("illegal memory access")
                || message.contains("device-side assert")
                || message.contains("unspecified launch failure")
                || message.contains("cudaerrordevicesunavailable")) {
            return EncoderException.Kind.SESSION_LOST;
        }
        return EncoderException.Kind.FAILED;
    }

    private Buffers take() {
        synchronized (pool) {
            Buffers pooled = pool.poll();
            if (pooled != null) {
                return pooled;
            }
        }
        ByteBuffer[] direct = new ByteBuffer[inputs.length];
        for (int i = 0; i < direct.length; i++) {
            direct[i] = allocate((long) inputs[i].itemBytes() * split.largest());
        }
        return new Buffers(direct, allocate((long) embeddingSize * Float.BYTES * split.largest()));
    }

    private void give(Buffers buffers) {
        synchronized (pool) {
            pool.push(buffers);
        }
    }

    private static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        synchronized (pool) {
            pool.forEach(Buffers::close);
            pool.clear();
        }
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the session was closed before", e);
        }
    }
}

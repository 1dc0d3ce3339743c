package dev.moderato.inference.clip;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a model is run.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda:N}
 * @param precision see {@link Precision}
 * @param intraOpThreads threads of one run on the CPU, 1 to 256; several concurrent runs of one thread each are faster
 * @param maxBatch images of one run, 1 to 1024; a larger batch is split
 * @param tensorRt whether TensorRT compiles the graphs (CUDA only; the first start takes minutes)
 * @param tensorRtCache the folder for what TensorRT compiled; null to compile at each start
 * @param textCache texts whose embeddings are kept, 0 to 1,000,000
 */
public record EncoderSettings(
        Device device,
        Precision precision,
        int intraOpThreads,
        int maxBatch,
        boolean tensorRt,
        @Nullable Path tensorRtCache,
        int textCache) {
    public EncoderSettings {
        Objects.requireNonNull(device);
        Objects.requireNonNull(precision);
        require("intraOpThreads", intraOpThreads, 1, 256);
        require("maxBatch", maxBatch, 1, 1024);
        require("textCache", textCache, 0, 1_000_000);
        if (tensorRt && device.kind() == Device.Kind.CPU) {
            throw new IllegalArgumentException("TensorRT runs on device cuda, not on cpu");
        }
    }

    public static EncoderSettings defaults() {
        return new EncoderSettings(Device.AUTO, Precision.AUTO, 1, 64, false, null, 4096);
    }

    public EncoderSettings withDevice(Device other) {
        return new EncoderSettings(other, precision, intraOpThreads, maxBatch, tensorRt, tensorRtCache, textCache);
    }

    public EncoderSettings withPrecision(Precision other) {
        return new EncoderSettings(device, other, intraOpThreads, maxBatch, tensorRt, tensorRtCache, textCache);
    }

    public EncoderSettings withIntraOpThreads(int threads) {
        return new EncoderSettings(device, precision, threads, maxBatch, tensorRt, tensorRtCache, textCache);
    }

    public EncoderSettings withMaxBatch(int images) {
        return new EncoderSettings(device, precision, intraOpThreads, images, tensorRt, tensorRtCache, textCache);
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", not " + value);
        }
    }
}

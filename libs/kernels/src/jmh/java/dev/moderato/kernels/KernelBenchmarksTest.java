package dev.moderato.kernels;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The resize of CLIP's preprocessing, with vector instructions and without: {@code mvn test -Pjmh -pl libs/kernels}. */
public class KernelBenchmarksTest {
    @Test
    void run() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(Resize.class.getName().replace('$', '.'))
                        .build())
                .run();
    }

    /** Bicubic, antialiased, the shorter side to 224 and a centre crop of 224 × 224. */
    @State(Scope.Thread)
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    @Warmup(iterations = 3, time = 1)
    @Measurement(iterations = 5, time = 1)
    @Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
    public static class Resize {
        private static final int SIDE = 224;

        @Param({"500x375", "1280x960", "4000x3000"})
        public String size = "";

        @Param({"1", "3", "4"})
        public int channels;

        private final Resampler vector = VectorResampler.createIfWide();
        private final Resampler scalar = new ScalarResampler();
        private final Resampler.Scratch scratch = new Resampler.Scratch();
        private byte[] image = {};
        private byte[] out = {};
        private int width;
        private int height;

        @Setup
        public void draw() {
            width = Integer.parseInt(size.substring(0, size.indexOf('x')));
            height = Integer.parseInt(size.substring(size.indexOf('x') + 1));
            image = new byte[width * height * channels];
            new Random(1).nextBytes(image);
            out = new byte[SIDE * SIDE * channels];
        }

        @Benchmark
        public byte[] vector() {
            return resize(vector);
        }

        @Benchmark
        public byte[] scalar() {
            return resize(scalar);
        }

        private byte[] resize(Resampler resampler) {
            int longer = SIDE * width / height;
            int left = (longer - SIDE) / 2;
            resampler.resample(
                    (y, rows, x, pixels, into, stride) -> {
                        for (int row = 0; row < rows; row++) {
                            System.arraycopy(
                                    image, ((y + row) * width + x) * channels, into, row * stride, pixels * channels);
                        }
                    },
                    channels,
                    Taps.of(Filter.BICUBIC, width, longer, left, left + SIDE),
                    Taps.of(Filter.BICUBIC, height, SIDE, 0, SIDE),
                    scratch,
                    out);
            return out;
        }
    }
}

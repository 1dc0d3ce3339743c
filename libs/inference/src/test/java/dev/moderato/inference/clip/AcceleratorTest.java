package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Which device is chosen, and what is said where the one that was asked for cannot be used. */
class AcceleratorTest {
    @Test
    void readsDevices() {
        assertThat(Device.parse("auto")).isEqualTo(Device.AUTO);
        assertThat(Device.parse("cpu")).isEqualTo(Device.CPU);
        assertThat(Device.parse("cuda")).hasToString("cuda:0");
        assertThat(Device.parse("cuda:3")).isEqualTo(new Device(Device.Kind.CUDA, 3));
        for (String wrong : List.of("gpu", "cuda:", "cuda:-1", "cuda:x", "CUDA", "cpu:1", "")) {
            assertThatThrownBy(() -> Device.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("device '" + wrong + "' must be auto, cpu, cuda or cuda:N");
        }
    }

    @Test
    void takesTheCpuThatIsAskedFor() throws Exception {
        Accelerator cpu = Accelerator.choose(EncoderSettings.defaults().withDevice(Device.CPU));
        assertThat(cpu.reason()).isEqualTo("cpu, as configured");
        assertThat(cpu.onGpu()).isFalse();
    }

    @Test
    void refusesTensorRtOnACpu() {
        assertThatThrownBy(() -> new EncoderSettings(Device.CPU, Precision.AUTO, 1, 64, true, null, 0))
                .hasMessage("TensorRT runs on device cuda, not on cpu");
    }

    @Test
    void givesTensorRtItsOptions() {
        EncoderSettings plain = new EncoderSettings(Device.AUTO, Precision.AUTO, 1, 64, true, null, 0);
        assertThat(Accelerator.tensorRtOptions(plain)).containsExactly(Map.entry("trt_fp16_enable", "0"));
        EncoderSettings cached =
                new EncoderSettings(Device.parse("cuda:1"), Precision.FP16, 1, 64, true, Path.of("/var/cache/trt"), 0);
        assertThat(Accelerator.tensorRtOptions(cached))
                .containsEntry("trt_fp16_enable", "1")
                .containsEntry("trt_engine_cache_enable", "1")
                .containsEntry("trt_engine_cache_path", "/var/cache/trt");
    }

    @Test
    void tellsFaultsOfADeviceApart() {
        assertThat(kind("Failed to allocate memory for requested buffer of size 1073741824"))
                .isEqualTo(EncoderException.Kind.OUT_OF_MEMORY);
        assertThat(kind("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0"))
                .isEqualTo(EncoderException.Kind.OUT_OF_MEMORY);
        assertThat(kind("CUDA failure 700: an illegal memory access was encountered"))
                .isEqualTo(EncoderException.Kind.SESSION_LOST);
        assertThat(kind("Non-zero status code returned while running Gather node"))
                .isEqualTo(EncoderException.Kind.FAILED);
    }

    private static EncoderException.Kind kind(String message) {
        return OrtTower.kindOf(new OrtException(message));
    }

    /** What holds on a machine, or in a build, where CUDA cannot be used. */
    @Nested
    class WithoutCuda {
        @BeforeEach
        void requireNoCuda() throws Exception {
            Assumptions.assumeFalse(
                    Accelerator.choose(EncoderSettings.defaults()).onGpu(), "skipped: this machine has CUDA");
        }

        @Test
        void fallsBackToTheCpuAndSaysWhy() throws Exception {
            Accelerator chosen = Accelerator.choose(EncoderSettings.defaults());
            assertThat(chosen.device()).isEqualTo(Device.CPU);
            assertThat(chosen.reason())
                    .startsWith("cpu, because CUDA cannot be used: ")
                    .doesNotContain("\n");
        }

        @Test
        void refusesTheGpuThatIsAskedFor() {
            assertThatThrownBy(
                            () -> Accelerator.choose(EncoderSettings.defaults().withDevice(Device.parse("cuda:2"))))
                    .isInstanceOf(BundleException.class)
                    .hasMessageStartingWith("device cuda:2 cannot be used: ")
                    .hasMessageEndingWith(". Use device auto or cpu, or install what is missing");
        }

        @Test
        void namesTensorRtWhereThatIsMissing() throws Exception {
            EncoderSettings tensorRt = new EncoderSettings(Device.AUTO, Precision.AUTO, 1, 64, true, null, 0);
            assertThat(Accelerator.choose(tensorRt).reason()).startsWith("cpu, because TensorRT cannot be used: ");
        }
    }
}

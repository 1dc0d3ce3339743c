package dev.moderato.trainer.train;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Where tensors live. */
public enum TorchDevice {
    CPU,
    CUDA;

    /** The device, or null for the CPU, where nothing needs to be moved. */
    @Nullable
    Device open() {
        if (this == CPU) {
            return null;
        }
        if (!torch.cuda_is_available()) {
            throw new TrainingException(
                    "--device cuda: libtorch finds no CUDA device here; use --device cpu, or the GPU"
                            + " build on a machine with an NVIDIA GPU and its driver");
        }
        Device device = new Device(torch.DeviceType.CUDA, (byte) 0);
        device.retainReference();
        return device;
    }

    torch.DeviceType type() {
        return this == CPU ? torch.DeviceType.CPU : torch.DeviceType.CUDA;
    }
}

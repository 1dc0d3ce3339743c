package dev.moderato.cli.model;

import dev.moderato.cli.CommandFailed;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Precision;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a model runs on: {@code --device} and what goes with it. */
public final class EncoderOptions {
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda[:N]",
            defaultValue = "auto",
            converter = DeviceName.class,
            description = "Where to run; auto takes the GPU where one can be used (default: ${DEFAULT-VALUE}).")
    Device device = Device.AUTO;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|fp16|int8",
            defaultValue = "auto",
            description = "Numbers to compute with; auto takes the bundle's own (default: ${DEFAULT-VALUE}).")
    Precision precision = Precision.AUTO;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of one run on the CPU (default: ${DEFAULT-VALUE}).")
    int threads = 1;

    @Option(
            names = "--tensorrt",
            description = "Let TensorRT compile the graphs (device cuda; the first start takes minutes).")
    boolean tensorRt;

    @Option(names = "--tensorrt-cache", paramLabel = "DIR", description = "Keep what TensorRT compiled in this folder.")
    @Nullable
    Path tensorRtCache;

    /** The settings; they have the defaults of the service where no option gives them. */
    public EncoderSettings settings() {
        EncoderSettings defaults = EncoderSettings.defaults();
        try {
            return new EncoderSettings(
                    device, precision, threads, defaults.maxBatch(), tensorRt, tensorRtCache, defaults.textCache());
        } catch (IllegalArgumentException e) {
            throw CommandFailed.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    /** Loads and warms a model, and tells what about it is slow or doubtful. The caller closes it. */
    public ClipModel open(ModelBundle bundle, PrintWriter err) {
        return open(bundle, settings(), err);
    }

    /** As {@link #open(ModelBundle, PrintWriter)}, under settings of the caller's. */
    public static ClipModel open(ModelBundle bundle, EncoderSettings settings, PrintWriter err) {
        try {
            ClipModel model = ClipModel.open(bundle, settings);
            model.warnings().forEach(warning -> err.println("Note: " + warning));
            err.flush();
            return model;
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    /** Reads a device's name. */
    static final class DeviceName implements ITypeConverter<Device> {
        @Override
        public Device convert(String name) {
            try {
                return Device.parse(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}

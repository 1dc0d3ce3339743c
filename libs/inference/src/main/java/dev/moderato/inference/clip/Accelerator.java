package dev.moderato.inference.clip;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.OperatorSetIdProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import dev.moderato.onnx.proto.TensorShapeProto;
import dev.moderato.onnx.proto.TypeProto;
import dev.moderato.onnx.proto.ValueInfoProto;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The device that a model runs on, found by trying: the runtime lists CUDA even where it cannot be loaded.
 *
 * @param device never {@code auto}
 * @param reason why this one, in a line
 */
record Accelerator(Device device, String reason, EncoderSettings settings) {

    /**
     * Memory grows by what is asked for, not by doubling; convolutions are chosen by rule, not by trying each at the first
     * batch of every size.
     */
    static final Map<String, String> CUDA_OPTIONS = Map.of(
            "arena_extend_strategy", "kSameAsRequested",
            "cudnn_conv_algo_search", "HEURISTIC",
            "do_copy_in_default_stream", "1");

    /**
     * Chooses as the settings say.
     *
     * @throws BundleException where a GPU was asked for that cannot be used
     */
    static Accelerator choose(EncoderSettings settings) throws BundleException {
        Device wanted = settings.device();
        if (wanted.kind() == Device.Kind.CPU) {
            return new Accelerator(Device.CPU, "cpu, as configured", settings);
        }
        Device gpu = new Device(Device.Kind.CUDA, wanted.index());
        String provider = settings.tensorRt() ? "TensorRT" : "CUDA";
        try {
            Accelerator candidate = new Accelerator(
                    gpu, gpu + " (" + provider + "), " + (wanted.equals(gpu) ? "as configured" : "found"), settings);
            candidate.probe();
            return candidate;
        } catch (OrtException e) {
            String why = firstLine(e);
            if (wanted.kind() == Device.Kind.AUTO) {
                return new Accelerator(Device.CPU, "cpu, because " + provider + " cannot be used: " + why, settings);
            }
            throw new BundleException(
                    "device " + wanted + " cannot be used: " + why
                            + ". Use device auto or cpu, or install what is missing",
                    e);
        }
    }

    /** Options for a session on this device. The caller closes them. */
    SessionOptions options() throws OrtException {
        SessionOptions options = new SessionOptions();
        try {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
            options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setInterOpNumThreads(1);
            options.setIntraOpNumThreads(settings.intraOpThreads());
            options.setDeterministicCompute(true);
            // Threads that wait by spinning take the processor from those that decode images.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            if (onGpu()) {
                if (settings.tensorRt()) {
                    addTensorRt(options);
                }
                addCuda(options);
            }
            return options;
        } catch (OrtException | RuntimeException e) {
            options.close();
            throw e;
        }
    }

    /** ONNX Runtime's name of what computes: the first of its providers that is asked. */
    String provider() {
        return (!onGpu() ? OrtProvider.CPU : settings.tensorRt() ? OrtProvider.TENSOR_RT : OrtProvider.CUDA).getName();
    }

    boolean onGpu() {
        return device.kind() == Device.Kind.CUDA;
    }

    private void addCuda(SessionOptions options) throws OrtException {
        requireProvider(OrtProvider.CUDA);
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
            for (Map.Entry<String, String> option : CUDA_OPTIONS.entrySet()) {
                cuda.add(option.getKey(), option.getValue());
            }
            options.addCUDA(cuda);
        }
    }

    private void addTensorRt(SessionOptions options) throws OrtException {
        requireProvider(OrtProvider.TENSOR_RT);
        try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions(device.index())) {
            for (Map.Entry<String, String> option : tensorRtOptions(settings).entrySet()) {
                tensorRt.add(option.getKey(), option.getValue());
            }
            options.addTensorrt(tensorRt);
        }
    }

    /** TensorRT's options by ONNX Runtime's keys. */
    static SortedMap<String, String> tensorRtOptions(EncoderSettings settings) {
        SortedMap<String, String> options = new TreeMap<>();
        options.put("trt_fp16_enable", settings.precision() == Precision.FP16 ? "1" : "0");
        if (settings.tensorRtCache() != null) {
            options.put("trt_engine_cache_enable", "1");
            options.put("trt_engine_cache_path", settings.tensorRtCache().toString());
        }
        return options;
    }

    private static void requireProvider(OrtProvider provider) throws OrtException {
        if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
            throw new OrtException("this build of ONNX Runtime has no " + provider.getName()
                    + " (the Maven profile -Pgpu brings the one that has)");
        }
    }

    private void probe() throws OrtException {
        byte[] graph = identity().toByteArray();
        try (SessionOptions options = options();
                OrtSession session = OrtRuntime.environment().createSession(graph, options)) {
            if (session.getNumOutputs() != 1) {
                throw new OrtException("the probe graph was not understood");
            }
        }
    }

    private static ModelProto identity() {
        TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder()
                .setElemType(DataType.FLOAT_VALUE)
                .setShape(TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(1)));
        ValueInfoProto.Builder value =
                ValueInfoProto.newBuilder().setType(TypeProto.newBuilder().setTensorType(type));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .setGraph(GraphProto.newBuilder()
                        .setName("probe")
                        .addInput(value.setName("x").build())
                        .addOutput(value.setName("y").build())
                        .addNode(NodeProto.newBuilder()
                                .setOpType("Relu")
                                .addInput("x")
                                .addOutput("y")))
                .build();
    }

    private static String firstLine(OrtException e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("no reason given")
                .strip();
    }
}

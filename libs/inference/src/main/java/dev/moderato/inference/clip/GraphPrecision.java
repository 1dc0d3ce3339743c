package dev.moderato.inference.clip;

import dev.moderato.onnx.Tensors;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import dev.moderato.onnx.proto.TensorProto.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The numbers that a graph is made of, and whether they suit the device. */
record GraphPrecision(ModelProto model, Path file, Precision found) {
    private static final Set<String> QUANTISED = Set.of(
            "MatMulInteger",
            "ConvInteger",
            "DynamicQuantizeLinear",
            "DequantizeLinear",
            "QLinearMatMul",
            "QLinearConv",
            "QAttention",
            "QGemm",
            "DynamicQuantizeMatMul",
            "MatMulIntegerToFloat",
            "MatMulNBits");

    /** Makes a checked tower of a graph. */
    @FunctionalInterface
    interface Preparation {
        TowerGraph prepare(ModelProto model) throws BundleException;
    }

    static GraphPrecision of(ModelProto model, Path file) {
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (QUANTISED.contains(node.getOpType())) {
                return new GraphPrecision(model, file, Precision.INT8);
            }
        }
        long halves = elements(model, Set.of(DataType.FLOAT16, DataType.BFLOAT16));
        long floats = elements(model, Set.of(DataType.FLOAT, DataType.DOUBLE));
        return new GraphPrecision(model, file, halves > floats ? Precision.FP16 : Precision.FP32);
    }

    private static long elements(ModelProto model, Set<DataType> types) {
        long count = 0;
        for (TensorProto tensor : model.getGraph().getInitializerList()) {
            if (types.contains(Tensors.type(tensor))) {
                count += Tensors.elements(tensor);
            }
        }
        return count;
    }

    /** What the graph is computed with under the settings. */
    Precision under(Accelerator accelerator) {
        return found == Precision.FP32 && accelerator.settings().precision() == Precision.FP16 ? Precision.FP16 : found;
    }

    /**
     * Prepares the graph for the device, converted where the settings ask for it.
     *
     * @param warnings receives what will be slow
     * @throws BundleException where the graph cannot have the precision that is asked for
     */
    TowerGraph fit(Accelerator accelerator, List<String> warnings, Preparation preparation) throws BundleException {
        Precision wanted = accelerator.settings().precision();
        boolean convert = wanted == Precision.FP16 && found == Precision.FP32;
        if (wanted == Precision.FP16 && !accelerator.onGpu()) {
            throw new BundleException(
                    "precision fp16 was asked for, but the model runs on the CPU, where fp16 is some 26"
                            + " times slower: leave precision at auto, or use device cuda");
        }
        if (wanted == Precision.INT8 && found != Precision.INT8) {
            throw new BundleException("precision int8 was asked for, but " + file + " is " + BundleJson.kebab(found)
                    + ": import the quantised files (for one, onnx/vision_model_quantized.onnx)");
        }
        if ((wanted == Precision.FP32 && found != Precision.FP32)
                || (wanted == Precision.FP16 && found == Precision.INT8)) {
            throw new BundleException("precision " + BundleJson.kebab(wanted) + " was asked for, but " + file + " is "
                    + BundleJson.kebab(found) + ": import the float files");
        }
        if (found == Precision.FP16 && !accelerator.onGpu()) {
            warnings.add(
                    file + " is fp16 and runs on the CPU, some 26 times slower than fp32: import the float32 files");
        }
        if (found == Precision.INT8 && accelerator.onGpu()) {
            warnings.add(file + " is quantised, which suits CPUs; on a GPU it is slower than the float files");
        }
        TowerGraph graph = preparation.prepare(model);
        return convert ? graph.withModel(HalfGraph.convert(graph.model(), file)) : graph;
    }
}

package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives every use of a weight its own copy where an exporter shared one only because two happened to be equal. The legacy exporter
 * shares through Identity nodes; the newer one shares directly, and there a vector (a bias, a scale) is copied for each consumer while
 * a matrix stays shared, for that is how a model ties its weights on purpose.
 */
final class Untying {
    private final Map<String, TensorProto> initializers = new HashMap<>();
    private final List<TensorProto> added = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private Untying(GraphProto graph) {
        for (TensorProto initializer : graph.getInitializerList()) {
            initializers.put(initializer.getName(), initializer);
            names.add(initializer.getName());
        }
        for (NodeProto node : graph.getNodeList()) {
            names.addAll(node.getOutputList());
        }
    }

    static GraphProto apply(GraphProto graph) {
        return new Untying(graph).rewrite(graph);
    }

    private GraphProto rewrite(GraphProto graph) {
        List<NodeProto> nodes = vectorsPerConsumer(withoutIdentities(graph));
        return graph.toBuilder()
                .clearNode()
                .addAllNode(nodes)
                .addAllInitializer(added)
                .build();
    }

    private List<NodeProto> withoutIdentities(GraphProto graph) {
        Set<String> outputs = new HashSet<>();
        graph.getOutputList().forEach(o -> outputs.add(o.getName()));
        List<NodeProto> kept = new ArrayList<>();
        List<NodeProto> waiting = graph.getNodeList();
        boolean changed = true;
        // A second round finds an Identity of an Identity.
        while (changed) {
            changed = false;
            kept = new ArrayList<>();
            for (NodeProto node : waiting) {
                TensorProto source = node.getOpType().equals("Identity") ? initializers.get(node.getInput(0)) : null;
                if (source == null || !isFloat(source) || outputs.contains(node.getOutput(0))) {
                    kept.add(node);
                } else {
                    copy(source, node.getOutput(0));
                    changed = true;
                }
            }
            waiting = kept;
        }
        return kept;
    }

    private List<NodeProto> vectorsPerConsumer(List<NodeProto> nodes) {
        Set<String> used = new HashSet<>();
        List<NodeProto> rewritten = new ArrayList<>();
        for (NodeProto node : nodes) {
            NodeProto.Builder builder = node.toBuilder();
            for (int i = 0; i < node.getInputCount(); i++) {
                TensorProto source = initializers.get(node.getInput(i));
                if (source != null && isFloat(source) && source.getDimsCount() == 1 && !used.add(source.getName())) {
                    builder.setInput(i, copy(source, fresh(source.getName())));
                }
            }
            rewritten.add(builder.build());
        }
        return rewritten;
    }

    private String copy(TensorProto source, String name) {
        TensorProto copy = source.toBuilder().setName(name).build();
        initializers.put(name, copy);
        names.add(name);
        added.add(copy);
        return name;
    }

    private String fresh(String name) {
        int number = 2;
        while (names.contains(name + "_use" + number)) {
            number++;
        }
        return name + "_use" + number;
    }

    static boolean isFloat(TensorProto tensor) {
        int type = tensor.getDataType();
        return type == TensorProto.DataType.FLOAT_VALUE
                || type == TensorProto.DataType.FLOAT16_VALUE
                || type == TensorProto.DataType.BFLOAT16_VALUE
                || type == TensorProto.DataType.DOUBLE_VALUE;
    }
}

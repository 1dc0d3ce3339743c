package dev.moderato.onnx;

import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.FunctionProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.SparseTensorProto;
import dev.moderato.onnx.proto.TensorProto;
import java.io.IOException;

/** Replaces every tensor of a model: initializers, constants in attributes, subgraphs and functions. */
@FunctionalInterface
interface TensorMapping {
    TensorProto map(TensorProto tensor) throws IOException;

    default ModelProto model(ModelProto model) throws IOException {
        ModelProto.Builder builder = model.toBuilder();
        if (model.hasGraph()) {
            builder.setGraph(graph(model.getGraph()));
        }
        for (int i = 0; i < model.getFunctionsCount(); i++) {
            FunctionProto.Builder function = model.getFunctions(i).toBuilder();
            for (int n = 0; n < function.getNodeCount(); n++) {
                function.setNode(n, node(function.getNode(n)));
            }
            builder.setFunctions(i, function);
        }
        return builder.build();
    }

    private GraphProto graph(GraphProto graph) throws IOException {
        GraphProto.Builder builder = graph.toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            builder.setInitializer(i, map(graph.getInitializer(i)));
        }
        for (int i = 0; i < graph.getSparseInitializerCount(); i++) {
            builder.setSparseInitializer(i, sparse(graph.getSparseInitializer(i)));
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            if (graph.getNode(i).getAttributeCount() > 0) {
                builder.setNode(i, node(graph.getNode(i)));
            }
        }
        return builder.build();
    }

    private NodeProto node(NodeProto node) throws IOException {
        NodeProto.Builder builder = node.toBuilder();
        for (int i = 0; i < node.getAttributeCount(); i++) {
            builder.setAttribute(i, attribute(node.getAttribute(i)));
        }
        return builder.build();
    }

    private AttributeProto attribute(AttributeProto attribute) throws IOException {
        AttributeProto.Builder builder = attribute.toBuilder();
        if (attribute.hasT()) {
            builder.setT(map(attribute.getT()));
        }
        if (attribute.hasG()) {
            builder.setG(graph(attribute.getG()));
        }
        if (attribute.hasSparseTensor()) {
            builder.setSparseTensor(sparse(attribute.getSparseTensor()));
        }
        for (int i = 0; i < attribute.getTensorsCount(); i++) {
            builder.setTensors(i, map(attribute.getTensors(i)));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
            builder.setGraphs(i, graph(attribute.getGraphs(i)));
        }
        for (int i = 0; i < attribute.getSparseTensorsCount(); i++) {
            builder.setSparseTensors(i, sparse(attribute.getSparseTensors(i)));
        }
        return builder.build();
    }

    private SparseTensorProto sparse(SparseTensorProto sparse) throws IOException {
        SparseTensorProto.Builder builder = sparse.toBuilder();
        if (sparse.hasValues()) {
            builder.setValues(map(sparse.getValues()));
        }
        if (sparse.hasIndices()) {
            builder.setIndices(map(sparse.getIndices()));
        }
        return builder.build();
    }
}

package dev.moderato.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import java.io.IOException;

/** Reads a model but for the numbers of its large initializers, which become external data of the very file that they are in. */
final class Outline {
    /** Smaller numbers are read: they are looked at while a graph is built. */
    private static final int FLOOR = 4096;

    private final CodedInputStream in;
    private final String location;
    private final int nesting;

    /**
     * @param in the file from its beginning
     * @param location the file's name
     * @param nesting how deeply messages may be nested
     */
    Outline(CodedInputStream in, String location, int nesting) {
        this.in = in;
        this.location = location;
        this.nesting = nesting;
    }

    ModelProto read() throws IOException {
        ModelProto.Builder model = ModelProto.newBuilder();
        UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(ModelProto.GRAPH_FIELD_NUMBER)) {
                int outer = enter();
                graph(model.getGraphBuilder());
                leave(outer);
            } else {
                other(tag, rest);
            }
        }
        merge(rest, model);
        return model.build();
    }

    private void graph(GraphProto.Builder graph) throws IOException {
        UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(GraphProto.INITIALIZER_FIELD_NUMBER)) {
                int outer = enter();
                tensor(graph.addInitializerBuilder());
                leave(outer);
            } else {
                other(tag, rest);
            }
        }
        merge(rest, graph);
    }

    private void tensor(TensorProto.Builder tensor) throws IOException {
        UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(TensorProto.RAW_DATA_FIELD_NUMBER)) {
                numbers(tensor);
            } else {
                other(tag, rest);
            }
        }
        merge(rest, tensor);
    }

    private void numbers(TensorProto.Builder tensor) throws IOException {
        int length = in.readRawVarint32();
        if (length < FLOOR) {
            tensor.setRawData(ByteString.copyFrom(in.readRawBytes(length)));
            return;
        }
        new ExternalData(location, in.getTotalBytesRead(), length).describe(tensor);
        in.skipRawBytes(length);
    }

    private int enter() throws IOException {
        return in.pushLimit(in.readRawVarint32());
    }

    private void leave(int outer) throws IOException {
        in.checkLastTagWas(0);
        if (in.getBytesUntilLimit() != 0) {
            throw new InvalidProtocolBufferException("a message ends before its length says");
        }
        in.popLimit(outer);
    }

    private void other(int tag, UnknownFieldSet.Builder rest) throws IOException {
        if (!rest.mergeFieldFrom(tag, in)) {
            throw new InvalidProtocolBufferException("a group ends that did not begin");
        }
    }

    private void merge(UnknownFieldSet.Builder fields, Message.Builder into) throws IOException {
        CodedInputStream coded = fields.build().toByteString().newCodedInput();
        coded.setRecursionLimit(nesting);
        into.mergeFrom(coded);
    }

    private static int message(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}

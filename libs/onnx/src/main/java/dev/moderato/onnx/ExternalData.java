package dev.moderato.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.moderato.onnx.proto.StringStringEntryProto;
import dev.moderato.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the numbers of a tensor lie outside the model's file.
 *
 * @param location relative to the model's folder
 * @param offset bytes from the start of that file
 * @param length bytes, or -1 for all that follows
 */
record ExternalData(String location, long offset, long length) {

    static ExternalData of(TensorProto tensor) throws OnnxFormatException {
        String location = "";
        long offset = 0;
        long length = -1;
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            switch (entry.getKey()) {
                case "location" -> location = entry.getValue();
                case "offset" -> offset = number(tensor, entry);
                case "length" -> length = number(tensor, entry);
                default -> {} // checksum, basepath: nothing that the numbers depend on
            }
        }
        if (location.isEmpty()) {
            throw new OnnxFormatException("tensor '" + tensor.getName() + "' has external data without a location");
        }
        return new ExternalData(location, offset, length);
    }

    /** Makes the tensor say that its numbers lie here. */
    void describe(TensorProto.Builder tensor) {
        tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(length)));
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static long number(TensorProto tensor, StringStringEntryProto entry) throws OnnxFormatException {
        try {
            long value = Long.parseLong(entry.getValue());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new OnnxFormatException("tensor '" + tensor.getName() + "': the external data's " + entry.getKey()
                + " is '" + entry.getValue() + "', not a number of bytes");
    }

    /** The file, which must lie in the folder, by its name and after following links. */
    Path resolve(Path folder) throws IOException {
        Path file = lexical(folder);
        if (!Files.isRegularFile(file)) {
            throw new OnnxFormatException(
                    "external data file '" + location + "' is missing in " + folder + ": copy it beside the model");
        }
        if (!file.toRealPath().startsWith(folder.toRealPath())) {
            throw outside(folder);
        }
        return file;
    }

    /** The file by its name alone, which must not lead out of the folder. */
    Path lexical(Path folder) throws OnnxFormatException {
        try {
            Path relative = Path.of(location);
            Path root = folder.toAbsolutePath().normalize();
            Path file = root.resolve(relative).normalize();
            if (!relative.isAbsolute() && location.indexOf('\\') < 0 && file.startsWith(root) && !file.equals(root)) {
                return file;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw outside(folder);
    }

    private OnnxFormatException outside(Path folder) {
        return new OnnxFormatException("external data '" + location + "' lies outside the model's folder " + folder
                + ": only files beside the model are read");
    }

    ByteString read(Path folder, long expectedBytes) throws IOException {
        Path file = resolve(folder);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = length >= 0 ? length : channel.size() - offset;
            if (bytes != expectedBytes) {
                throw new OnnxFormatException("external data '" + location + "' at " + offset + " has " + bytes
                        + " bytes; the tensor's shape and type need " + expectedBytes);
            }
            if (offset > channel.size() - bytes) {
                throw new OnnxFormatException("external data file '" + file + "' ends at byte " + channel.size()
                        + "; a tensor needs bytes up to " + (offset + bytes));
            }
            ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes));
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new OnnxFormatException("external data file '" + file + "' was cut while it was read");
                }
            }
            return UnsafeByteOperations.unsafeWrap(buffer.flip());
        }
    }
}

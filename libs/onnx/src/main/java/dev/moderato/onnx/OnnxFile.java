package dev.moderato.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.TensorProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads and writes .onnx files. A protobuf message ends at 2 GiB; a larger model keeps its numbers in files beside it
 * (external data), whose paths must not lead out of the model's folder.
 */
public final class OnnxFile {
    /** Numbers that exceed this many bytes in total are written beside the model. */
    static final long INLINE_LIMIT = 1_900_000_000L;

    /** A tensor below this many bytes stays in the model's file: shapes and scalars are read while a graph is built. */
    private static final int EXTERNAL_FLOOR = 1024;

    /** Where a tensor starts in an external file: a page, so that the file can be mapped. */
    private static final int ALIGNMENT = 4096;

    private static final int NESTING_LIMIT = 512;

    private OnnxFile() {}

    /**
     * Reads a model with all of its numbers: external data is loaded into {@code raw_data}.
     *
     * @throws OnnxFormatException where the file is no ONNX model, or its external data is missing, cut, or outside the
     *     folder
     */
    public static ModelProto read(Path file) throws IOException {
        return resolve(readSkeleton(file), folderOf(file));
    }

    /** Reads the file alone; tensors with external data keep their reference. */
    public static ModelProto readSkeleton(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(CodedInputStream.newInstance(in, 1 << 16), file);
        }
    }

    private static ModelProto parse(CodedInputStream coded, Path file) throws IOException {
        coded.setRecursionLimit(NESTING_LIMIT);
        return checked(() -> ModelProto.parseFrom(coded), file);
    }

    private interface Reading {
        ModelProto model() throws IOException;
    }

    private static ModelProto checked(Reading reading, Path file) throws IOException {
        ModelProto model;
        try {
            model = reading.model();
        } catch (InvalidProtocolBufferException e) {
            throw new OnnxFormatException(file + " is not an ONNX model, or is cut: " + e.getMessage(), e);
        }
        if (!model.hasGraph()) {
            throw new OnnxFormatException(file + " is not an ONNX model: it holds no graph");
        }
        return model;
    }

    /**
     * As {@link #readSkeleton}, but the numbers of large initializers are left out: they become external data of the file itself, of
     * which {@link #loaded} gets one tensor at a time, so that a model never lies on the heap as a whole.
     */
    public static ModelProto outline(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            CodedInputStream coded = CodedInputStream.newInstance(in, 1 << 16);
            coded.setRecursionLimit(NESTING_LIMIT);
            return checked(() -> new Outline(coded, name(file), NESTING_LIMIT).read(), file);
        }
    }

    /**
     * As {@link #readSkeleton}, but the numbers stay in the file, which is mapped into memory: for looking at a graph and
     * for handing it on. The file must not be cut while the model is in use.
     */
    public static ModelProto map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new OnnxFormatException(
                        file + " has more than 2 GiB: keep its numbers beside it (external data)");
            }
            CodedInputStream coded = UnsafeByteOperations.unsafeWrap(
                            channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()))
                    .newCodedInput();
            coded.enableAliasing(true);
            return parse(coded, file);
        }
    }

    /**
     * The external files that a model refers to, relative to its folder, in the order of their first use.
     *
     * @throws OnnxFormatException where a path leads out of the folder
     */
    public static Set<Path> externalFiles(ModelProto skeleton, Path folder) throws OnnxFormatException {
        Path root = folder.toAbsolutePath().normalize();
        Set<Path> files = new LinkedHashSet<>();
        try {
            TensorMapping collect = tensor -> {
                if (isExternal(tensor)) {
                    files.add(root.relativize(ExternalData.of(tensor).lexical(root)));
                }
                return tensor;
            };
            collect.model(skeleton);
        } catch (OnnxFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // names alone are looked at
        }
        return files;
    }

    /** Loads the external data of a model that lies in the folder. */
    public static ModelProto resolve(ModelProto skeleton, Path folder) throws IOException {
        if (externalFiles(skeleton, folder).isEmpty()) {
            return skeleton;
        }
        TensorMapping load = tensor -> loaded(tensor, folder);
        return load.model(skeleton);
    }

    /** The tensor with its numbers, be they external data in the folder or not. */
    public static TensorProto loaded(TensorProto tensor, Path folder) throws IOException {
        if (!isExternal(tensor)) {
            return tensor;
        }
        try {
            ByteString numbers = ExternalData.of(tensor).read(folder, Tensors.byteSize(tensor));
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(numbers)
                    .build();
        } catch (OnnxFormatException e) {
            throw new OnnxFormatException("tensor '" + tensor.getName() + "': " + e.getMessage(), e);
        }
    }

    /**
     * Writes a model whose numbers are all loaded; one of more than 1.9 GB gets its numbers in {@code <file name>.data}
     * beside it. The file appears whole or not at all.
     */
    public static void write(ModelProto model, Path file) throws IOException {
        if (numberBytes(model) > INLINE_LIMIT) {
            writeExternal(model, file);
        } else {
            writeAtomically(model, file);
        }
    }

    /** Writes a model with its numbers in {@code <file name>.data} beside it. */
    public static void writeExternal(ModelProto model, Path file) throws IOException {
        String location = name(file) + ".data";
        Path temporary = file.resolveSibling("." + location + ".part");
        ModelProto skeleton;
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
                skeleton = new Spill(out, location).model(model);
            }
            Files.move(temporary, file.resolveSibling(location), StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        writeAtomically(skeleton, file);
    }

    private static void writeAtomically(ModelProto model, Path file) throws IOException {
        Path temporary = file.resolveSibling("." + name(file) + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
                model.writeTo(out);
            }
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static long numberBytes(ModelProto model) throws IOException {
        long[] total = {0};
        TensorMapping count = tensor -> {
            total[0] += isExternal(tensor) ? 0 : tensor.getSerializedSize();
            return tensor;
        };
        count.model(model);
        return total[0];
    }

    private static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    private static Path folderOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is a folder");
        }
        return parent;
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** Moves the numbers of large tensors into one stream. */
    private static final class Spill implements TensorMapping {
        private final OutputStream out;
        private final String location;
        private long position;

        Spill(OutputStream out, String location) {
            this.out = out;
            this.location = location;
        }

        @Override
        public TensorProto map(TensorProto tensor) throws IOException {
            if (isExternal(tensor)) {
                throw new OnnxFormatException(
                        "tensor '" + tensor.getName() + "' is not loaded; resolve the model first");
            }
            if (!Tensors.isNumeric(tensor) || Tensors.byteSize(tensor) < EXTERNAL_FLOOR) {
                return tensor;
            }
            ByteString numbers = Tensors.rawBytes(tensor);
            long padding = (ALIGNMENT - position % ALIGNMENT) % ALIGNMENT;
            out.write(new byte[(int) padding]);
            long offset = position + padding;
            numbers.writeTo(out);
            position = offset + numbers.size();
            TensorProto.Builder moved = Tensors.withoutNumbers(tensor);
            new ExternalData(location, offset, numbers.size()).describe(moved);
            return moved.build();
        }
    }
}

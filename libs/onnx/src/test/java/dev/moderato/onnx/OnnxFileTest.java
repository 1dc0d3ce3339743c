package dev.moderato.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.moderato.onnx.proto.AttributeProto;
import dev.moderato.onnx.proto.GraphProto;
import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.onnx.proto.NodeProto;
import dev.moderato.onnx.proto.StringStringEntryProto;
import dev.moderato.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
    @TempDir
    Path folder;

    private static final float[] NUMBERS = new float[600];

    static {
        for (int i = 0; i < NUMBERS.length; i++) {
            NUMBERS[i] = i * 0.5f;
        }
    }

    private static ModelProto model() {
        GraphProto branch = GraphProto.newBuilder()
                .addInitializer(Tensors.ofFloats("inner", NUMBERS, 20, 30))
                .build();
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .setGraph(GraphProto.newBuilder()
                        .addInitializer(Tensors.ofFloats("w", NUMBERS, 600))
                        .addInitializer(Tensors.ofLongs("shape", new long[] {1, 2}, 2))
                        .addNode(NodeProto.newBuilder()
                                .setOpType("If")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("then_branch")
                                        .setG(branch))))
                .build();
    }

    private static ModelProto withExternal(String location, long offset, long length) {
        TensorProto.Builder tensor = Tensors.withoutNumbers(Tensors.ofFloats("w", NUMBERS, 600))
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(length)));
        return ModelProto.newBuilder()
                .setGraph(GraphProto.newBuilder().addInitializer(tensor))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void numbersBesideTheModelComeBackAsTheyWere() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxFile.writeExternal(model(), file);

        assertThat(Files.size(file)).isLessThan(1000);
        assertThat(OnnxFile.externalFiles(OnnxFile.readSkeleton(file), folder)).containsExactly(Path.of("m.onnx.data"));
        assertThat(OnnxFile.read(file)).isEqualTo(model());
        try (var files = Files.list(folder)) {
            assertThat(files).as("no temporary file is left").hasSize(2);
        }
    }

    @Test
    void writesOneFileWhereItFits() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxFile.write(model(), file);
        assertThat(OnnxFile.readSkeleton(file)).isEqualTo(model());
        assertThat(OnnxFile.map(file)).isEqualTo(model());
    }

    @Test
    void anOutlineLeavesLargeNumbersInTheFile() throws IOException {
        float[] many = new float[5000];
        many[4999] = 7;
        ModelProto model = model().toBuilder()
                .setGraph(model().getGraph().toBuilder().addInitializer(Tensors.ofFloats("large", many, 5000)))
                .build();
        Path file = folder.resolve("m.onnx");
        OnnxFile.write(model, file);
        ModelProto outline = OnnxFile.outline(file);
        assertThat(outline.getSerializedSize()).isLessThan(10_000);
        assertThat(OnnxFile.externalFiles(outline, folder)).containsExactly(Path.of("m.onnx"));
        assertThat(OnnxFile.resolve(outline, folder)).isEqualTo(model);
    }

    @Test
    void saysThatAnOutlinedModelIsCut() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxFile.write(
                ModelProto.newBuilder()
                        .setGraph(GraphProto.newBuilder().addInitializer(Tensors.ofFloats("w", new float[5000], 5000)))
                        .build(),
                file);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {1, 5, 30, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(OnnxFormatException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> OnnxFile.outline(file))
                    .withMessageStartingWith(file + " is not an ONNX model, or is cut: ");
        }
    }

    @Test
    void fieldsOfLaterVersionsSurvive() throws IOException {
        ModelProto later = model().toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                26,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8("configuration"))
                                        .build())
                        .build())
                .build();
        Path file = folder.resolve("later.onnx");
        OnnxFile.write(later, file);
        assertThat(Files.readAllBytes(file)).isEqualTo(later.toByteArray());
        assertThat(OnnxFile.read(file).toByteArray()).isEqualTo(later.toByteArray());
    }

    @Test
    void refusesExternalDataOutsideTheFolder() throws IOException {
        Path file = folder.resolve("m.onnx");
        for (String location : new String[] {"../secret", "a/../../secret", "/etc/passwd", ".", "..\\secret"}) {
            OnnxFile.write(withExternal(location, 0, 2400), file);
            assertThatExceptionOfType(OnnxFormatException.class)
                    .isThrownBy(() -> OnnxFile.read(file))
                    .withMessage("external data '" + location + "' lies outside the model's folder " + folder
                            + ": only files beside the model are read");
        }
    }

    @Test
    void refusesALinkThatLeadsOutOfTheFolder(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.write(elsewhere.resolve("secret"), new byte[2400]);
        Files.createSymbolicLink(folder.resolve("weights"), secret);
        Path file = folder.resolve("m.onnx");
        OnnxFile.write(withExternal("weights", 0, 2400), file);
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(file))
                .withMessageContaining("external data 'weights' lies outside the model's folder");
    }

    @Test
    void saysWhatIsWrongWithExternalData() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxFile.write(withExternal("weights", 0, 2400), file);
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(file))
                .withMessage("tensor 'w': external data file 'weights' is missing in " + folder
                        + ": copy it beside the model");

        Files.write(folder.resolve("weights"), new byte[2399]);
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(file))
                .withMessageContaining("ends at byte 2399; a tensor needs bytes up to 2400");

        OnnxFile.write(withExternal("weights", 0, 12), file);
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(file))
                .withMessage(
                        "tensor 'w': external data 'weights' at 0 has 12 bytes; the tensor's shape and type need 2400");
    }

    @Test
    void refusesWhatIsNoModel() throws IOException {
        Path html = Files.writeString(folder.resolve("page.onnx"), "<html>not found</html>");
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(html))
                .withMessageContaining("page.onnx is not an ONNX model");
        Path empty = Files.createFile(folder.resolve("empty.onnx"));
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(empty))
                .withMessage(empty + " is not an ONNX model: it holds no graph");
        byte[] whole = model().toByteArray();
        Path cut = Files.write(folder.resolve("cut.onnx"), java.util.Arrays.copyOf(whole, whole.length - 100));
        assertThatExceptionOfType(OnnxFormatException.class)
                .isThrownBy(() -> OnnxFile.read(cut))
                .withMessageContaining("cut.onnx is not an ONNX model, or is cut");
    }
}

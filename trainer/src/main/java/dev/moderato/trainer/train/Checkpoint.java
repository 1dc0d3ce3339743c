package dev.moderato.trainer.train;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The file that a run is resumed from: named tensors of float32, the step, and a checksum over all of it. */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class Checkpoint {
    private static final String MAGIC = "moderato-checkpoint-1";

    private Checkpoint() {}

    static void write(Path file, String run, long step, Map<String, Tensor> tensors) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        CRC32 checksum = new CRC32();
        try (OutputStream plain = new BufferedOutputStream(Files.newOutputStream(draft), 1 << 16);
                DataOutputStream out = new DataOutputStream(new CheckedOutputStream(plain, checksum))) {
            out.writeUTF(MAGIC);
            out.writeUTF(run);
            out.writeLong(step);
            out.writeInt(tensors.size());
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                float[] values = Tensors.floats(entry.getValue());
                out.writeUTF(entry.getKey());
                out.writeInt(values.length);
                ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                out.write(bytes.array());
            }
            long sum = checksum.getValue();
            out.writeLong(sum);
        }
        // On the disk before it takes the old one's place, so that a crash leaves one or the other whole.
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Fills the tensors.
     *
     * @return the step to go on with
     */
    static long read(Path file, String run, Map<String, Tensor> tensors) throws IOException {
        verify(file);
        try (InputStream plain = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                DataInputStream in = new DataInputStream(plain)) {
            in.readUTF();
            if (!in.readUTF().equals(run)) {
                throw new IOException(file + " is of another run: the recipe, the pairs or the bundle changed since");
            }
            long step = in.readLong();
            int count = in.readInt();
            if (count != tensors.size()) {
                throw new IOException(file + " holds " + count + " tensors, this run has " + tensors.size());
            }
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                Tensor tensor = tensors.get(name);
                int length = in.readInt();
                if (tensor == null || tensor.numel() != length) {
                    throw new IOException(file + ": " + name + " does not fit this run");
                }
                fill(tensor, in.readNBytes(length * 4));
            }
            return step;
        }
    }

    private static void fill(Tensor tensor, byte[] bytes) {
        float[] values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        try (PointerScope scope = new PointerScope()) {
            Tensor stored = Tensors.of(values, tensor.shape());
            Tensors.withoutGradient(() -> tensor.copy_(stored));
        }
    }

    /** A damaged file is found before anything is changed by it. */
    private static void verify(Path file) throws IOException {
        long length = Files.size(file) - Long.BYTES;
        CRC32 checksum = new CRC32();
        try (InputStream plain = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                DataInputStream in = new DataInputStream(new CheckedInputStream(plain, checksum))) {
            if (!in.readUTF().equals(MAGIC)) {
                throw new IOException(file + " is not a checkpoint");
            }
            in.skipNBytes(length - MAGIC.length() - 2);
            long sum = checksum.getValue();
            if (in.readLong() != sum) {
                throw new IOException(file + " is damaged: its checksum does not hold");
            }
        } catch (EOFException e) {
            throw new IOException(file + " is damaged: it ends early", e);
        }
    }
}

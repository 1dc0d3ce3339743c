package dev.moderato.inference.clip;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A safetensors file: the length of a JSON header in eight bytes, the header, and the numbers that it tells the places of. */
record SafeTensors(Path file) {
    private static final long MOST_HEADER = 64 << 20;

    /** A tensor of one number; null where the file has no tensor of this name. */
    @Nullable
    Double number(String name) throws BundleException {
        try (FileChannel channel = FileChannel.open(file)) {
            long length = read(channel, 0, Long.BYTES).getLong();
            if (length < 2 || length > MOST_HEADER) {
                throw damaged("its header has " + length + " bytes");
            }
            JsonNode tensor = new ObjectMapper()
                    .readTree(read(channel, Long.BYTES, (int) length).array())
                    .get(name);
            if (tensor == null) {
                return null;
            }
            long start =
                    Long.BYTES + length + tensor.path("data_offsets").path(0).asLong();
            String kind = tensor.path("dtype").asText();
            return switch (kind) {
                case "F32" -> (double) read(channel, start, 4).getFloat();
                case "BF16" ->
                    (double) Float.intBitsToFloat(read(channel, start, 2).getShort() << 16);
                case "F64" -> read(channel, start, 8).getDouble();
                default -> throw damaged(name + " is of the type " + kind + "; F32, BF16 and F64 are read");
            };
        } catch (IOException e) {
            throw new BundleException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private ByteBuffer read(FileChannel channel, long from, int length) throws IOException, BundleException {
        if (from < 0 || from + length > channel.size()) {
            throw damaged("it ends after " + channel.size() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // reads on
        }
        return bytes.flip();
    }

    private BundleException damaged(String what) {
        return new BundleException(file + " is no whole safetensors file: " + what
                + ". Copy it again, or take it away and give --logit-scale");
    }
}

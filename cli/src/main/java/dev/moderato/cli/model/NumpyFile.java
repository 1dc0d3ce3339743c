package dev.moderato.cli.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Writes NumPy's .npy format, version 1.0. */
final class NumpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;

    private NumpyFile() {}

    /** Writes float32 numbers in row-major order. */
    static void write(Path file, float[] values, int... shape) throws IOException {
        String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': ("
                + Arrays.stream(shape).mapToObj(size -> size + ",").collect(Collectors.joining(" ")) + "), }";
        int unpadded = MAGIC.length + Short.BYTES + dictionary.length() + 1;
        int header = dictionary.length() + 1 + (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(MAGIC.length + Short.BYTES + header + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).putShort((short) header);
        bytes.put(dictionary.getBytes(StandardCharsets.US_ASCII));
        while (bytes.position() < MAGIC.length + Short.BYTES + header - 1) {
            bytes.put((byte) ' ');
        }
        bytes.put((byte) '\n');
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }
}

package dev.moderato.inference.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/** An encoded image that is put together for OpenCV, and decoded into memory of ours. */
final class NativeImage {
    private final Workspace.Region region;
    private final ByteBuffer bytes;

    NativeImage(Workspace.Region region) {
        this.region = region;
        this.bytes = region.bytes().order(ByteOrder.BIG_ENDIAN);
    }

    void put(byte[] file, Ranges parts) {
        for (int i = 0; i < parts.count(); i++) {
            bytes.put(file, parts.start(i), parts.end(i) - parts.start(i));
        }
    }

    void put(byte[] more) {
        bytes.put(more);
    }

    /** Adds zeros up to a length. */
    void padTo(int length) {
        while (bytes.position() < length) {
            bytes.put((byte) 0);
        }
    }

    void put(String ascii) {
        bytes.put(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    void putLittle32(int value) {
        bytes.putInt(Integer.reverseBytes(value));
    }

    void putLittle24(int value) {
        bytes.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
    }

    /** What was put, copied. */
    byte[] toBytes() {
        byte[] copy = new byte[bytes.position()];
        bytes.get(0, copy);
        return copy;
    }

    /**
     * Decodes what was put.
     *
     * @param into where the pixels go
     * @return null where it cannot be decoded whole
     */
    @Nullable
    Raster decode(int width, int height, Raster.Layout layout, int flags, Workspace.Region into) {
        int type = opencv_core.CV_MAKETYPE(opencv_core.CV_8U, layout.channels);
        try (Mat encoded = new Mat(1, bytes.position(), opencv_core.CV_8UC1, region.start());
                Mat pixels = new Mat(height, width, type, into.start());
                Mat decoded = opencv_imgcodecs.imdecode(encoded, flags, pixels)) {
            // The decoder fills the memory that it is handed only where size and type are as the header told us.
            if (decoded.empty() || decoded.data().address() != into.start().address()) {
                return null;
            }
        } catch (RuntimeException e) { // a C++ exception
            return null;
        }
        return new Raster(width, height, layout, into.bytes());
    }
}

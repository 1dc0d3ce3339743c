package dev.moderato.inference.image;

import dev.moderato.kernels.Resampler;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;

/** Native memory and buffers that one image at a time uses, and the next one after it. */
final class Workspace {
    private static final int ALIGNMENT = 64;

    private final BytePointer memory;
    private final Resampler.Scratch scratch = new Resampler.Scratch();
    private long taken;

    /** A part of the native memory. */
    record Region(BytePointer start, ByteBuffer bytes) {}

    Workspace(long capacity) {
        memory = new BytePointer(capacity);
    }

    long capacity() {
        return memory.capacity();
    }

    Resampler.Scratch scratch() {
        return scratch;
    }

    /** What {@link #take} really uses for a region. */
    static long padded(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The next so many bytes; what they hold is left over from the last image. */
    Region take(long bytes) {
        if (taken + padded(bytes) > capacity()) {
            throw new IllegalStateException(
                    "an image of " + capacity() + " bytes of memory takes " + (taken + padded(bytes)));
        }
        BytePointer start = memory.getPointer(taken).capacity(bytes);
        taken += padded(bytes);
        return new Region(start, start.asByteBuffer());
    }

    /** Makes all of the memory free to take again. */
    void reset() {
        taken = 0;
    }

    void free() {
        memory.deallocate();
    }
}

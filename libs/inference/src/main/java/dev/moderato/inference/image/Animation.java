package dev.moderato.inference.image;

import dev.moderato.inference.image.Frame.Disposal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.List;

/**
 * Composes the frames of an animation onto its canvas, as viewers do. Frames that later ones cover before any wanted one are left
 * out.
 *
 * @param background a pixel as 0xAARRGGBB: what the canvas holds before the first frame and where a frame was taken away
 */
record Animation(int width, int height, int background, List<Frame> frames) {
    private static final int PIXEL = Integer.BYTES;

    /** Decodes one frame's pixels into memory. */
    @FunctionalInterface
    interface FrameDecoder {
        Raster decode(int frame, Workspace.Region encoded, Workspace.Region pixels) throws ImageRejected;
    }

    /** Pixels that are decoded for the wanted frames. */
    long pixels(DecodePlan plan) {
        long sum = 0;
        for (int i = 0; i <= plan.lastFrame(); i++) {
            sum += matters(i, plan) ? frames.get(i).pixels() : 0;
        }
        return sum;
    }

    /**
     * The memory that {@link #play} takes.
     *
     * @param header bytes of a frame's copy that are not its data
     */
    long bytes(DecodePlan plan, int header) {
        return Workspace.padded(canvasBytes())
                + Workspace.padded(savedBytes(plan))
                + Workspace.padded(frameBytes(plan))
                + Workspace.padded(encodedBytes(plan, header));
    }

    private long canvasBytes() {
        return (long) width * height * PIXEL;
    }

    private long savedBytes(DecodePlan plan) {
        boolean saves = frames.stream().limit(plan.lastFrame()).anyMatch(f -> f.disposal() == Disposal.PREVIOUS);
        return saves ? canvasBytes() : 0;
    }

    private long frameBytes(DecodePlan plan) {
        return frames.stream()
                        .limit(plan.lastFrame() + 1L)
                        .mapToLong(Frame::pixels)
                        .max()
                        .orElse(0)
                * PIXEL;
    }

    private long encodedBytes(DecodePlan plan, int header) {
        return header
                + frames.stream()
                        .limit(plan.lastFrame() + 1L)
                        .mapToLong(Frame::bytes)
                        .max()
                        .orElse(0);
    }

    /** Decodes and composes up to the last wanted frame; hands on the canvas at each wanted one. */
    void play(DecodePlan plan, int header, Workspace workspace, FrameDecoder decoder, ImageFile.FrameSink sink)
            throws ImageRejected {
        Workspace.Region canvasMemory = workspace.take(canvasBytes());
        IntBuffer canvas = ints(canvasMemory);
        IntBuffer saved = ints(workspace.take(savedBytes(plan)));
        Workspace.Region pixels = workspace.take(frameBytes(plan));
        Workspace.Region encoded = workspace.take(encodedBytes(plan, header));
        fill(canvas, 0, 0, width, height);
        Raster shown =
                new Raster(width, height, plan.alpha() ? Raster.Layout.BGRA : Raster.Layout.BGRX, canvasMemory.bytes());
        int next = 0;
        for (int i = 0; i <= plan.lastFrame(); i++) {
            Frame frame = frames.get(i);
            if (matters(i, plan)) {
                if (frame.disposal() == Disposal.PREVIOUS && i < plan.lastFrame()) {
                    saved.put(0, canvas, 0, width * height);
                }
                encoded.bytes().clear();
                draw(frame, decoder.decode(i, encoded, pixels), canvas);
            }
            if (plan.frames()[next] == i) {
                sink.accept(shown);
                next++;
            }
            switch (frame.disposal()) {
                case KEEP -> {}
                case BACKGROUND -> fill(canvas, frame.x(), frame.y(), frame.width(), frame.height());
                case PREVIOUS -> {
                    if (i < plan.lastFrame() && matters(i, plan)) {
                        canvas.put(0, saved, 0, width * height);
                    }
                }
            }
        }
    }

    /** Whether a frame can be seen at the next wanted one. */
    private boolean matters(int index, DecodePlan plan) {
        int wanted = 0;
        while (plan.frames()[wanted] < index) {
            wanted++;
        }
        for (int later = index + 1; later <= plan.frames()[wanted]; later++) {
            Frame covering = frames.get(later);
            if (covering.covers(width, height) && !covering.blend() && covering.disposal() != Disposal.PREVIOUS) {
                return false;
            }
        }
        return true;
    }

    private static IntBuffer ints(Workspace.Region region) {
        return region.bytes().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }

    private void fill(IntBuffer canvas, int x, int y, int w, int h) {
        int right = Math.min(width, x + w);
        for (int row = y; row < Math.min(height, y + h); row++) {
            for (int column = x; column < right; column++) {
                canvas.put(row * width + column, background);
            }
        }
    }

    private void draw(Frame frame, Raster raster, IntBuffer canvas) {
        int columns = Math.min(frame.width(), width - frame.x());
        int rows = Math.min(frame.height(), height - frame.y());
        for (int row = 0; row < rows; row++) {
            int from = row * frame.width();
            int to = (frame.y() + row) * width + frame.x();
            for (int column = 0; column < columns; column++) {
                int pixel = pixel(raster, from + column);
                canvas.put(to + column, frame.blend() ? over(pixel, canvas.get(to + column)) : pixel);
            }
        }
    }

    private static int pixel(Raster raster, int index) {
        ByteBuffer bytes = raster.pixels();
        int at = index * raster.channels();
        int alpha = raster.layout().hasAlpha() ? bytes.get(at + 3) & 0xff : 255;
        return alpha << 24
                | (bytes.get(at + raster.layout().red) & 0xff) << 16
                | (bytes.get(at + raster.layout().green) & 0xff) << 8
                | (bytes.get(at + raster.layout().blue) & 0xff);
    }

    /** One pixel over another, neither premultiplied, in libwebp's arithmetic (anim_decode.c, BlendPixelNonPremult). */
    private static int over(int pixel, int below) {
        int alpha = pixel >>> 24;
        if (alpha == 255) {
            return pixel;
        }
        if (alpha == 0) {
            return below;
        }
        int belowShare = ((below >>> 24) * (256 - alpha)) >> 8;
        int blended = alpha + belowShare;
        long scale = (1L << 24) / blended;
        int result = blended << 24;
        for (int shift = 0; shift <= 16; shift += 8) {
            long sum = (long) ((pixel >> shift) & 0xff) * alpha + (long) ((below >> shift) & 0xff) * belowShare;
            result |= (int) ((sum * scale) >> 24) << shift;
        }
        return result;
    }
}

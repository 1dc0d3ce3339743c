package dev.moderato.inference.image;

import java.nio.ByteBuffer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;

/**
 * A PNG file.
 *
 * @param palette the PLTE chunk's data, none where there is no such chunk
 * @param transparency the tRNS chunk's data, likewise
 * @param animation at least one frame, of which the first is the IDAT image
 */
record PngFile(
        FileBytes file,
        PngHeader header,
        Orientation orientation,
        Ranges palette,
        Ranges transparency,
        Animation animation)
        implements ImageFile {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNK_FRAME = 12;
    /** Signature, IHDR, PLTE, tRNS and IEND, each with its frame. */
    private static final int AROUND = 8 + 25 + CHUNK_FRAME + 768 + CHUNK_FRAME + 256 + 2 * CHUNK_FRAME;

    @Override
    public ImageInfo stored() {
        return new ImageInfo(
                ImageFormat.PNG,
                header.width(),
                header.height(),
                animation.frames().size());
    }

    @Override
    public boolean paletted() {
        return header.colour() == PngHeader.Colour.PALETTE
                || (header.colour() == PngHeader.Colour.GREY && header.depth() == 1);
    }

    @Override
    public long pixels(DecodePlan plan) {
        return animation.pixels(plan);
    }

    @Override
    public MemoryNeed need(DecodePlan plan) {
        int around = around(plan);
        if (plan.lastFrame() > 0) {
            return new MemoryNeed(animation.bytes(plan, sampleBytes(true), around), 0);
        }
        return new MemoryNeed(
                Workspace.padded(first().data().bytes() + around) + Workspace.padded(pixelBytes(plan.alpha())), 0);
    }

    private Frame first() {
        return animation.frames().get(0);
    }

    private int around(DecodePlan plan) {
        long data = animation.frames().stream()
                .limit(plan.lastFrame() + 1L)
                .mapToLong(frame -> frame.data().bytes())
                .max()
                .orElse(0);
        return AROUND + (int) (data / CHUNK_BYTES + 1) * CHUNK_FRAME;
    }

    /** Two where transparency is wanted of a 16-bit image: OpenCV gives it all or nothing. */
    private int sampleBytes(boolean alpha) {
        return header.depth() == 16 && layout(alpha).hasAlpha() ? 2 : 1;
    }

    private long pixelBytes(boolean alpha) {
        return (long) header.width() * header.height() * layout(alpha).channels * sampleBytes(alpha);
    }

    private Raster.Layout layout(boolean alpha) {
        return switch (header.colour()) {
            case GREY -> Raster.Layout.GREY;
            case GREY_ALPHA -> alpha ? Raster.Layout.BGRA : Raster.Layout.GREY;
            case RGB, PALETTE -> alpha && transparency.count() > 0 ? Raster.Layout.BGRA : Raster.Layout.RGB;
            case RGB_ALPHA -> alpha ? Raster.Layout.BGRA : Raster.Layout.RGB;
        };
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        int around = around(plan);
        if (plan.lastFrame() > 0) {
            animation.play(
                    plan,
                    sampleBytes(true),
                    around,
                    workspace,
                    (frame, encoded, into) -> decode(animation.frames().get(frame), true, encoded, into),
                    sink);
            return;
        }
        // What a still image of palette or RGB holds as tRNS is dropped: Pillow neither blends nor premultiplies it.
        boolean alpha = plan.alpha()
                && (header.colour() == PngHeader.Colour.GREY_ALPHA || header.colour() == PngHeader.Colour.RGB_ALPHA);
        sink.accept(decode(
                first(), alpha, workspace.take(first().data().bytes() + around), workspace.take(pixelBytes(alpha))));
    }

    private Raster decode(Frame frame, boolean alpha, Workspace.Region encoded, Workspace.Region into)
            throws ImageRejected {
        Raster.Layout layout = layout(alpha);
        NativeImage png = new NativeImage(encoded);
        png.putPngStart(header.withSize(frame.width(), frame.height()));
        if (palette.count() > 0) {
            png.putPngChunk("PLTE", file.file(), palette);
        }
        if (layout.hasAlpha() && transparency.count() > 0) {
            png.putPngChunk("tRNS", file.file(), transparency);
        }
        // OpenCV reads no chunk of 8 MB, and copies the first one that holds pixels.
        for (Ranges piece : frame.data().pieces(CHUNK_BYTES)) {
            png.putPngChunk("IDAT", file.file(), piece);
        }
        png.putPngChunk("IEND", file.file(), new Ranges());
        Raster raster = png.decode(
                frame.width(),
                frame.height(),
                layout,
                layout.hasAlpha()
                        ? opencv_imgcodecs.IMREAD_UNCHANGED
                        : layout == Raster.Layout.GREY
                                ? opencv_imgcodecs.IMREAD_GRAYSCALE
                                : opencv_imgcodecs.IMREAD_COLOR_RGB,
                sampleBytes(alpha) == 2 ? opencv_core.CV_16U : opencv_core.CV_8U,
                into);
        if (raster == null) {
            throw file.corrupt("the PNG's pixels end early or are damaged");
        }
        if (sampleBytes(alpha) == 2) {
            keepHighBytes(raster.pixels(), frame.width() * frame.height() * layout.channels);
        }
        return raster;
    }

    private static void keepHighBytes(ByteBuffer samples, int count) {
        for (int i = 0; i < count; i++) {
            samples.put(i, samples.get(2 * i + 1)); // little-endian, as the machines are that OpenCV is built for
        }
    }
}

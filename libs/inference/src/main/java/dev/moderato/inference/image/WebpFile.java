package dev.moderato.inference.image;

import org.bytedeco.opencv.global.opencv_imgcodecs;

/**
 * A WebP file.
 *
 * @param animated whether it is an animation, if only of one frame
 * @param animation at least one frame; a frame's data are its chunks: VP8, VP8L, or ALPH and VP8
 */
record WebpFile(FileBytes file, Orientation orientation, boolean animated, Animation animation) implements ImageFile {
    /**
     * OpenCV reads no file of less than 32 bytes; a small lossless one is shorter. Longer ones have nothing added, since libwebp reads a
     * cut image's missing bytes from behind its chunk.
     */
    private static final int LEAST_BYTES = 32;

    /** RIFF header and VP8X chunk, or what there is up to the least. */
    private static final int AROUND = 12 + 18;

    private static final int EXTENDED_BYTES = 18;
    /** What libwebp keeps beside the pixels: of a lossless image all pixels and their transforms, of a lossy one its alpha. */
    private static final int CODEC_BYTES_A_PIXEL = 6;

    private static final int HAS_ALPHA = 0x10;

    @Override
    public ImageInfo stored() {
        return new ImageInfo(
                ImageFormat.WEBP,
                animation.width(),
                animation.height(),
                animation.frames().size());
    }

    @Override
    public boolean paletted() {
        return false;
    }

    @Override
    public long pixels(DecodePlan plan) {
        return animation.pixels(plan);
    }

    @Override
    public MemoryNeed need(DecodePlan plan) {
        long codec = (long) CODEC_BYTES_A_PIXEL * animation.width() * animation.height();
        return new MemoryNeed(animated ? animation.bytes(plan, AROUND) : stillBytes(plan.alpha()), codec);
    }

    private long stillBytes(boolean alpha) {
        return Workspace.padded(first().bytes() + AROUND) + Workspace.padded(pixelBytes(alpha));
    }

    private long pixelBytes(boolean alpha) {
        return first().pixels() * layout(first(), alpha).channels;
    }

    private Frame first() {
        return animation.frames().get(0);
    }

    private Raster.Layout layout(Frame frame, boolean alpha) {
        return alpha && hasAlpha(frame) ? Raster.Layout.BGRA : Raster.Layout.BGR;
    }

    private boolean hasAlpha(Frame frame) {
        return frame.alpha().count() > 0
                || WebpReader.losslessHasAlpha(file, frame.data().start(0));
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        if (animated) {
            animation.play(
                    plan,
                    AROUND,
                    workspace,
                    (frame, encoded, into) -> decode(animation.frames().get(frame), true, encoded, into),
                    sink);
            return;
        }
        sink.accept(decode(
                first(),
                plan.alpha(),
                workspace.take(first().bytes() + AROUND),
                workspace.take(pixelBytes(plan.alpha()))));
    }

    private Raster decode(Frame frame, boolean alpha, Workspace.Region encoded, Workspace.Region into)
            throws ImageRejected {
        Raster.Layout layout = layout(frame, alpha);
        boolean apart = layout.hasAlpha() && frame.alpha().count() > 0;
        NativeImage webp = new NativeImage(encoded);
        webp.put("RIFF");
        webp.putLittle32((int) (4
                + (apart ? EXTENDED_BYTES + frame.alpha().bytes() : 0)
                + frame.data().bytes()));
        webp.put("WEBP");
        if (apart) {
            webp.put("VP8X");
            webp.putLittle32(EXTENDED_BYTES - 8);
            webp.putLittle32(HAS_ALPHA);
            webp.putLittle24(frame.width() - 1);
            webp.putLittle24(frame.height() - 1);
            webp.put(file.file(), frame.alpha());
        }
        webp.put(file.file(), frame.data());
        webp.padTo(LEAST_BYTES);
        Raster raster = webp.decode(
                frame.width(),
                frame.height(),
                layout,
                layout.hasAlpha() ? opencv_imgcodecs.IMREAD_UNCHANGED : opencv_imgcodecs.IMREAD_COLOR,
                into);
        if (raster == null) {
            throw file.corrupt("the WebP's pixels end early or are damaged");
        }
        return raster;
    }
}

package dev.moderato.inference.image;

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
        long pixels = plan.lastFrame() > 0 ? animation.bytes(plan, 0) : pixelBytes(plan.alpha());
        return new MemoryNeed(Workspace.padded(pixels), PngPixels.bytes(header));
    }

    private long pixelBytes(boolean alpha) {
        return (long) header.width() * header.height() * layout(alpha).channels;
    }

    private Raster.Layout layout(boolean alpha) {
        return switch (header.colour()) {
            case GREY -> Raster.Layout.GREY;
            case GREY_ALPHA -> alpha ? Raster.Layout.RGBA : Raster.Layout.GREY;
            case RGB, PALETTE -> alpha && transparency.count() > 0 ? Raster.Layout.RGBA : Raster.Layout.RGB;
            case RGB_ALPHA -> alpha ? Raster.Layout.RGBA : Raster.Layout.RGB;
        };
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        if (plan.lastFrame() > 0) {
            animation.play(
                    plan,
                    0,
                    workspace,
                    (frame, encoded, into) -> decode(animation.frames().get(frame), true, into),
                    sink);
            return;
        }
        // What a still image of palette or RGB holds as tRNS is dropped: Pillow neither blends nor premultiplies it.
        boolean alpha = plan.alpha()
                && (header.colour() == PngHeader.Colour.GREY_ALPHA || header.colour() == PngHeader.Colour.RGB_ALPHA);
        sink.accept(decode(animation.frames().get(0), alpha, workspace.take(pixelBytes(alpha))));
    }

    private Raster decode(Frame frame, boolean alpha, Workspace.Region into) throws ImageRejected {
        PngHeader size = header.withSize(frame.width(), frame.height());
        PngColours colours = new PngColours(size, layout(alpha), file.file(), palette, transparency);
        new PngPixels(file, size, colours).decode(frame.data(), into.bytes());
        return new Raster(frame.width(), frame.height(), colours.layout(), into.bytes());
    }
}

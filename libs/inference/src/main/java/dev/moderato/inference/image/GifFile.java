package dev.moderato.inference.image;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.List;

/**
 * A GIF file, decoded here: OpenCV's decoder is young, and LZW is short.
 *
 * @param images of the animation's frames, in their order
 * @param grey whether the first palette is plain grey, which Pillow takes for a grey image
 */
record GifFile(FileBytes file, Animation animation, List<GifImage> images, boolean grey) implements ImageFile {
    @Override
    public ImageInfo stored() {
        return new ImageInfo(ImageFormat.GIF, animation.width(), animation.height(), images.size());
    }

    @Override
    public Orientation orientation() {
        return Orientation.UPRIGHT;
    }

    @Override
    public boolean paletted() {
        return !grey;
    }

    @Override
    public long pixels(DecodePlan plan) {
        return animation.pixels(plan);
    }

    @Override
    public MemoryNeed need(DecodePlan plan) {
        return new MemoryNeed(animation.bytes(plan, 0), 0);
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        // Transparency only says where the canvas shows: a GIF has none towards the outside, as Pillow converts it.
        DecodePlan opaque = new DecodePlan(plan.frames(), false, 1);
        animation.play(opaque, 0, workspace, this::decode, sink);
    }

    private Raster decode(int frame, Workspace.Region encoded, Workspace.Region into) throws ImageRejected {
        IntBuffer pixels = into.bytes().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        GifImage image = images.get(frame);
        image.decode(file, pixels);
        return new Raster(image.width(), image.height(), Raster.Layout.BGRA, into.bytes());
    }
}
